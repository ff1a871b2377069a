const value = await new Promise((resolve) => setTimeout(resolve, 20, 'awaited while loading'));
export const handler = async () => value;
