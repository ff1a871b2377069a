/**
 * Monitor and drain beside the functions' containers: the bundles that AWS would run. What a window leaves drains by itself
 * where its policy says so, and the operator's tool starts executions here.
 */
import { join } from 'node:path';
import { startLocalDrain } from '../drain/local-drain.ts';

const PORT = 9001;

const drain = await startLocalDrain({
  bundles: join(import.meta.dirname, 'dist'),
  environment: process.env,
  port: PORT,
  host: '0.0.0.0',
  write: console.log,
});
console.log(`Monitor and drain are at work; executions are started on port ${PORT}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void drain.close().then(() => process.exit(0));
  });
}
