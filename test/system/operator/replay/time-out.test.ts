/** A function that was given more time after its events were deferred: the tool as a process, over a table. */
import { expect, it } from 'vitest';
import { buildCli, runCli } from '../../../worlds/cli.ts';
import { startDrainWorld } from '../../../worlds/drain-world.ts';

it.each([[[]], [['--during-window']]])(
  'a replay holds an event for as long as its function may take now: %j',
  async (words) => {
    buildCli();
    const world = await startDrainWorld();
    try {
      const heldForMs: number[] = [];
      await world.store('orders', 1); // with a time-out of 3 s
      world.lambda.functions.set('orders', {
        timeoutSeconds: 300,
        async handle() {
          const item = (await world.table.items()).find(({ status }) => status?.S === 'replaying');
          heldForMs.push(Number(item?.['leaseUntil']?.N) - Date.now());
          return '{}';
        },
      });
      const environment = { ...world.environment, AWS_ENDPOINT_URL_LAMBDA: world.lambda.url };
      expect(await runCli(['replay', '--yes', ...words], { environment })).toMatchObject({ code: 0 });
      expect(heldForMs).toEqual([expect.toSatisfy((ms: number) => ms > 300_000 && ms <= 360_000)]);
    } finally {
      await world.close();
    }
  },
);
