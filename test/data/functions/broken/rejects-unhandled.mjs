void Promise.reject(new Error('unhandled while loading'));
export const handler = async () => 'never called';
