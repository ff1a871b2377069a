/** Waits for something, as most functions do: so that many invocations are in flight at once. */
export const handler = () => new Promise((resolve) => setTimeout(resolve, 20, { done: true }));
