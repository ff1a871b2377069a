exports.handler = async () => [typeof require, typeof module, __filename.split('/').pop()];
exports.nested = { deep: { handler: async () => 'deep in exports' } };
