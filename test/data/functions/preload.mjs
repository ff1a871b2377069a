// Loaded by NODE_OPTIONS=--import, like an instrumentation.
globalThis.preloaded = Object.keys(process.versions).includes('node');
