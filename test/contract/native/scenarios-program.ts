/** Runs all scenarios with the addon of the first argument, and prints what came of each as a line of JSON. */
import { setTimeout as later } from 'node:timers/promises';
import { HANG_LIMIT_MS } from '../../worlds/hang-limit.ts';
import { loadAddon, startSockets } from './addon.ts';
import { AUTHORITY } from './peers.ts';
import { SCENARIOS } from './scenarios.ts';

const [, , file = '', only = ''] = process.argv;
const sockets = startSockets(loadAddon(file), `# a comment\n${AUTHORITY.cert}`);
for (const [name, run] of Object.entries(SCENARIOS)) {
  if (!name.includes(only)) continue;
  const since = performance.now();
  const fault = await Promise.race([
    run(sockets).then(
      () => '',
      (error: Error) => String(error.stack ?? error),
    ),
    later(HANG_LIMIT_MS, 'it hangs', { ref: false }),
  ]);
  console.log(JSON.stringify({ name, fault, ms: Math.round(performance.now() - since) }));
}
