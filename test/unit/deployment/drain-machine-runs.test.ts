import { expect, it } from 'vitest';
import type { DrainTask } from '../../../cloud/drain/task.ts';
import { DRAIN_TIMEOUT_SECONDS, drainMachine } from '../../../core/deployment/drain-machine.ts';
import type { ShareRef } from '../../../core/runs/drain-input.ts';
import { MACHINE_TRIES_MS } from '../../../core/runs/run.ts';
import { createMachine, type EndedExecution, TaskFault } from '../../../local/drain/machine.ts';
import { createSimulatedTime } from '../../fakes/memory/simulated-time.ts';

const SHARE = { number: 0, functionName: 'orders' };
const OVER = { state: 'over', untilAt: '2026-11-30T00:00:00.000Z' };

/** What a task comes to: by what it is, and how often there was such a task before. */
type Answer = (task: DrainTask, before: number) => object;

/** Runs the machine over tasks that come to this. */
async function run(answer: Answer, shares: readonly ShareRef[] = [SHARE]) {
  const time = createSimulatedTime();
  const asked: { readonly task: DrainTask; readonly at: number }[] = [];
  const ended: EndedExecution[] = [];
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(given) {
      const task = given as DrainTask;
      const before = asked.filter((each) => each.task.task === task.task).length;
      asked.push({ task, at: time.now() });
      if (task.task === 'begin')
        return { run: '0123abcd', shares: 'shares' in task.input ? task.input.shares : shares };
      return answer(task, before);
    },
    timer: time,
    now: time.now,
    onEnd: (execution) => ended.push(execution),
  });
  const beganAt = time.now();
  await time.during(machine.execute('run', { run: '0123abcd' }).then(machine.ended));
  return {
    beganAt,
    status: ended.find(({ name }) => name === 'run')?.status,
    failed: ended.filter((each) => each.status === 'FAILED').map(({ name }) => name),
    tasks: asked.map(({ task }) => task.task),
    of: (kind: DrainTask['task']) => asked.filter(({ task }) => task.task === kind),
  };
}

function fails(name: string): never {
  throw new TaskFault(name, 'it was killed');
}

it('begins, does each share, stretch after stretch, and ends', async () => {
  const shares = [SHARE, { number: 1, functionName: 'billing' }];
  const { status, tasks, of } = await run(
    ({ task }, before) => (task === 'stretch' ? { ...OVER, state: before < 2 ? 'more' : 'over' } : { run: '0123abcd' }),
    shares,
  );
  expect([status, tasks]).toEqual(['SUCCEEDED', ['begin', 'stretch', 'stretch', 'stretch', 'stretch', 'end']]);
  const given = of('stretch').map(({ task }) => task);
  for (const share of shares)
    expect(given.filter((task) => JSON.stringify(task).includes(share.functionName))).toEqual(
      Array(2).fill({ task: 'stretch', run: '0123abcd', share }),
    );
});

it('waits until the instant that a held share names', async () => {
  const heldForMs = 5 * 60_000;
  const untilAt = new Date(createSimulatedTime().now() + heldForMs).toISOString();
  const { beganAt, of } = await run(({ task }, before) =>
    task === 'stretch' && before === 0 ? { state: 'held', untilAt } : { ...OVER, run: '0123abcd' },
  );
  expect(of('stretch').map(({ at }) => at - beganAt)).toEqual([0, heldForMs]);
});

it.each(['begin', 'stretch', 'end'] as const)('tries a task again that was cut off: %s', async (kind) => {
  let tries = 0;
  const time = createSimulatedTime();
  const ended: EndedExecution[] = [];
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(given) {
      const { task } = given as DrainTask;
      if (task === kind) tries += 1;
      if (task === kind && tries <= 5) fails(tries % 2 ? 'Sandbox.Timedout' : 'Runtime.ExitError');
      return { run: '0123abcd', shares: [SHARE], ...OVER };
    },
    timer: time,
    now: time.now,
    onEnd: (execution) => ended.push(execution),
  });
  await time.during(machine.execute('run', { run: '0123abcd' }));
  expect([tries, ended.at(-1)?.status]).toEqual([6, 'SUCCEEDED']);
});

it.each(['begin', 'stretch', 'end'] as const)(
  'waits for days until Lambda has room, and asks less and less often: %s',
  async (kind) => {
    const time = createSimulatedTime();
    const roomAt = time.now() + 36 * 60 * 60_000;
    let turnedAway = 0;
    const ended: EndedExecution[] = [];
    const told: string[] = [];
    const machine = createMachine({
      definition: drainMachine({ functionArn: 'drain' }),
      async invoke(given) {
        const { task } = given as DrainTask;
        if (task === kind && time.now() < roomAt) {
          turnedAway += 1;
          fails('Lambda.TooManyRequestsException');
        }
        told.push(task);
        return { run: '0123abcd', shares: [SHARE], ...OVER };
      },
      timer: time,
      now: time.now,
      onEnd: (execution) => ended.push(execution),
    });
    await time.during(machine.execute('run', { run: '0123abcd' }));
    expect([told, ended.at(-1)?.status]).toEqual([['begin', 'stretch', 'end'], 'SUCCEEDED']);
    // Three events of the history each.
    expect(turnedAway).toBeLessThan(250);
  },
);

it('tries for no longer than a replay is called under way of which nobody is heard', async () => {
  const time = createSimulatedTime();
  const told: string[] = [];
  const ended: EndedExecution[] = [];
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(given) {
      const { task } = given as DrainTask;
      if (told.at(-1) !== task) told.push(task);
      if (task === 'begin') return { run: '0123abcd', shares: [SHARE] };
      return fails('Lambda.TooManyRequestsException');
    },
    timer: time,
    now: time.now,
    onEnd: (execution) => ended.push(execution),
  });
  const beganAt = time.now();
  await time.during(machine.execute('run', { run: '0123abcd' }));
  expect([told, ended.at(-1)?.status]).toEqual([['begin', 'stretch', 'failed', 'end'], 'FAILED']);
  const triedMs = time.now() - beganAt;
  expect(triedMs).toBeLessThan(MACHINE_TRIES_MS);
  expect(triedMs).toBeGreaterThan(0.8 * MACHINE_TRIES_MS);
  for (const { events } of ended) expect(events).toBeLessThan(2_000);
});

it('says of a share whose stretches fail again and again that it failed, does the others, and ends the run', async () => {
  const shares = [SHARE, { number: 1, functionName: 'billing' }];
  const { status, of } = await run((task) => {
    if (task.task === 'stretch' && task.share.number === 0) fails('Runtime.ExitError');
    return task.task === 'stretch' ? OVER : { run: '0123abcd' };
  }, shares);
  expect(status).toBe('SUCCEEDED');
  expect(of('failed').map(({ task }) => task)).toEqual([
    { task: 'failed', run: '0123abcd', share: SHARE, fault: { Error: 'Runtime.ExitError', Cause: 'it was killed' } },
  ]);
  expect([of('stretch').length, of('end').length]).toEqual([7, 1]);
});

it('ends the run, too, where not even that can be said', async () => {
  const { status, failed, of } = await run((task) => {
    if (task.task !== 'end') fails('Runtime.ExitError');
    return { run: '0123abcd' };
  });
  expect([status, failed, of('failed').length, of('end').length]).toEqual(['SUCCEEDED', [], 6, 1]);
});

it('goes on in another execution with the share that says so, and with no other', async () => {
  const shares = [SHARE, { number: 1, functionName: 'billing' }];
  const { of } = await run((task, before) => {
    if (task.task !== 'stretch') return { run: '0123abcd' };
    return task.share.number === 0 && before < 2 ? { ...OVER, state: 'onward' } : OVER;
  }, shares);
  expect(of('begin').map(({ task }) => task)).toMatchObject([
    { input: { run: '0123abcd' } },
    { input: { run: '0123abcd', shares: [SHARE] } },
  ]);
  expect(of('stretch').map(({ task }) => 'share' in task && task.share.number)).toEqual([0, 1, 0]);
});

it('catches what no share can: its Map, and faults of its own, lead to the end of the run', () => {
  const { States } = drainMachine({ functionArn: 'drain' }) as { States: Record<string, object> };
  expect(States['Drain']).toMatchObject({
    ToleratedFailureCount: 10_000,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'End' }],
  });
  for (const name of ['Begin', 'End']) {
    expect(States[name]).toMatchObject({ TimeoutSeconds: DRAIN_TIMEOUT_SECONDS + 60 });
  }
});
