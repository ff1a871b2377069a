export const nested = { deep: { handler: async () => 'deep in folders and objects' } };
