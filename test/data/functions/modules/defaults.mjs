export default { handler: async () => 'of the default export', inner: { handler: async () => 'deeper in it' } };
