import { createRequire } from 'node:module';

// A function in an image that was there before: it tells what it finds around it.

const require = createRequire(import.meta.url);

export const handler = async (event) => {
  const { execArgv, env, version } = process;
  return { event, execArgv, version, environment: Object.fromEntries(Object.entries(env).sort()), sdk: sdk() };
};

/** What AWS's base images bring, by NODE_PATH. */
function sdk() {
  try {
    return require('from-aws').from;
  } catch {
    return 'none';
  }
}
