import type { Plugin } from 'esbuild';

/**
 * Lets AWS's SDK start where nobody has a home directory: no HOME, and a user that /etc/passwd does not name. It looks for
 * its files in one, `os.homedir` throws there, and one of the SDK's own promises, which nobody hears, ends the process.
 * For packages alone: the function's `os` is Node's.
 */
export const anyHome: Plugin = {
  name: 'any-home',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?os$/ }, ({ importer }) =>
      importer.includes('node_modules') ? { path: 'os', namespace: 'any-home' } : undefined,
    );
    onLoad({ filter: /^os$/, namespace: 'any-home' }, () => ({ contents: OS, loader: 'js' }));
  },
};

const OS = `
const os = require('node:os');
const homedir = () => {
  try {
    return os.homedir();
  } catch {
    return '/';
  }
};
module.exports = { ...os, homedir };
`;
