/** What an operator hands over to the drain: requests to Step Functions, and records of replays. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { FROM_DRAIN, NEXT_STRETCH_MS, type ReplayRun, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import type { OpenArchive } from '../../../operator/access/archive.ts';
import type { Operator } from '../../../operator/access/operator.ts';
import { detachReplay, resumeDrain, tellEnded } from '../../../operator/replay/drain.ts';
import { changeRun } from '../../../operator/replay/runs.ts';
import { createMemoryRuns } from '../../fakes/memory/memory-runs.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';
import { answers, fails, type ScriptedService, startScriptedService } from '../../fakes/scripted-service.ts';

const NOW = Date.UTC(2026, 10, 30);
const MACHINE = 'arn:aws:states:eu-south-1:111122223333:stateMachine:drain';
const EXECUTION = 'arn:aws:states:eu-south-1:111122223333:execution:drain:orders-20261130000000';
const ID = '0123abcd';

let stepFunctions: ScriptedService;
let names: Set<string>;
/** What DescribeExecution says; `denied` where it says nothing. */
let executionStatus: string;
beforeAll(async () => {
  stepFunctions = await startScriptedService(() => fails(400, 'NotYet'));
});
afterAll(() => stepFunctions.close());
beforeEach(() => {
  names = new Set();
  executionStatus = 'RUNNING';
  stepFunctions.behave(({ body, headers }) => {
    const { name } = JSON.parse(body);
    if (String(headers['x-amz-target']).endsWith('DescribeExecution'))
      return executionStatus === 'denied'
        ? fails(400, 'AccessDeniedException', { message: 'no' })
        : answers(200, { executionArn: EXECUTION, status: executionStatus, startDate: NOW / 1_000 });
    if (names.has(name)) return fails(400, 'ExecutionAlreadyExists');
    names.add(name);
    return answers(200, { executionArn: `${MACHINE}:${name}`, startDate: NOW / 1_000 });
  });
});

function atWork() {
  const operator = {
    clientSettings: {
      region: 'eu-south-1',
      endpoint: stepFunctions.url,
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      maxAttempts: 1,
    },
    asking: (_: object, call: () => Promise<unknown>) => call(),
  } as unknown as Operator;
  const runs = createMemoryRuns(() => NOW);
  const archive = {
    runs,
    worker: { by: 'alice@laptop', host: 'laptop', runId: ID },
    clock: async () => ({ now: () => NOW }),
  } as unknown as OpenArchive;
  const selection = { functions: ['orders'], untilAt: NOW };
  const facts = { id: ID, name: 'orders', by: 'bob', from: FROM_DRAIN, startedAt: NOW - 1, selection };
  const make = async () => {
    await runs.create({ ...facts, plan: runPlanOf(PLAN), execution: EXECUTION }, 1, NOW + 60_000);
    return (await runs.read(ID)) as ReplayRun;
  };
  return { operator, archive, runs, selection, make };
}

it('a replay is not handed over under the id of another one, and says so', async () => {
  const { operator, archive, runs, selection, make } = atWork();
  const before = await make();
  await expect(detachReplay(operator, archive, PLAN, { selection }, MACHINE)).rejects.toMatchObject({
    name: 'MaintenanceWindow.Conflict',
    message: expect.stringMatching(/another replay has the id 0123abcd already.*run the same command again/),
  });
  expect([...names]).toEqual([]);
  expect(await runs.read(ID)).toEqual(before);
});

it('a replay is not handed over where its record is refused', async () => {
  const { operator, archive, runs, selection } = atWork();
  const denied = new Error('dynamodb:PutItem is not allowed');
  const refusing = { ...archive, runs: { ...runs, create: () => Promise.reject(denied) } };
  await expect(detachReplay(operator, refusing, PLAN, { selection }, MACHINE)).rejects.toBe(denied);
  expect([...names]).toEqual([]);
});

it('a replay that is cancelled while it is paused has the drain say so, once', async () => {
  const { operator, archive, runs, make } = atWork();
  await make();
  const at = NOW;
  const paused = { number: 0, functionName: 'orders', state: 'paused', counts: noCounts(), at, aliveUntil: NOW + 1e9 };
  await runs.beat(ID, paused as Parameters<typeof runs.beat>[1]);
  await runs.wish(ID, { wanted: 'paused' });
  const run = (await runs.read(ID)) as ReplayRun;
  expect(await changeRun(archive, run, { kind: 'cancel' })).toEqual({ kind: 'ended' });
  await tellEnded(operator, run);
  await tellEnded(operator, run);
  expect([...names]).toEqual([`ended-${ID}`]);
  const { stateMachineArn, input } = JSON.parse(stepFunctions.requests.at(-1)?.body ?? '');
  expect([stateMachineArn, JSON.parse(input)]).toEqual([MACHINE, { run: ID }]);
});

it('nobody is asked to tell of a terminal’s', async () => {
  const { operator, make } = atWork();
  await tellEnded(operator, { ...(await make()), from: 'laptop' });
  expect([...names]).toEqual([]);
});

/** Shares of a run that is wanted to go on, one a state, told a moment ago. */
async function wantedRunning(...shares: readonly Partial<RunShare>[]) {
  const { operator, archive, runs, selection } = atWork();
  const facts = { id: ID, name: 'orders', by: 'bob', from: FROM_DRAIN, startedAt: NOW - 1, selection };
  await runs.create({ ...facts, plan: runPlanOf(PLAN), execution: EXECUTION }, shares.length, NOW + NEXT_STRETCH_MS);
  for (const [number, share] of shares.entries()) {
    const told = { number, functionName: 'orders', state: 'more', counts: noCounts(), at: NOW } as const;
    await runs.beat(ID, { ...told, aliveUntil: NOW + NEXT_STRETCH_MS, ...share });
  }
  const run = (await runs.read(ID)) as ReplayRun;
  return {
    archive,
    runs,
    lost: { ...run, status: 'lost' } as const,
    async resume(seen = run) {
      const changed = await changeRun(archive, seen, { kind: 'resume' });
      const resumed = await resumeDrain(operator, archive, seen);
      const last = JSON.parse(stepFunctions.requests.at(-1)?.body ?? '');
      return { changed, resumed, input: last.input && JSON.parse(last.input) };
    },
  };
}

it.each([
  ['FAILED', 'before it began', []],
  ['ABORTED', 'between two stretches', [{ state: 'more' }]],
  ['TIMED_OUT', 'while a share was held', [{ state: 'done' }, { state: 'held', aliveUntil: NOW + 1e9 }]],
  ['FAILED', 'in the middle of a stretch', [{ state: 'running', aliveUntil: NOW + 60_000 }]],
] as const)('a replay whose execution is %s %s is begun by another one, at once', async (status, _, shares) => {
  executionStatus = status;
  const { resume } = await wantedRunning(...shares);
  expect(await resume()).toMatchObject({ resumed: { kind: 'begun' }, input: { run: ID, ended: [EXECUTION] } });
});

it('a replay whose execution goes on is left to it, and one of which that is not known is as well', async () => {
  for (const shares of [[], [{ state: 'held' }], [{ state: 'running' }]] as const) {
    executionStatus = 'RUNNING';
    expect(await (await wantedRunning(...shares)).resume()).toMatchObject({ resumed: { kind: 'in-hand' } });
    executionStatus = 'denied';
    const { resumed } = await (await wantedRunning(...shares)).resume();
    expect(resumed).toMatchObject({ kind: 'in-hand', unknown: expect.stringMatching(/./) });
  }
  expect([...names]).toEqual([]);
});

it('a drain’s replay that is lost goes on all the same, and a terminal’s cannot', async () => {
  executionStatus = 'ABORTED';
  const { archive, lost, resume } = await wantedRunning({ state: 'more' });
  expect(await resume(lost)).toMatchObject({ changed: { kind: 'changed' }, resumed: { kind: 'begun' } });
  expect(await changeRun(archive, { ...lost, from: 'laptop' }, { kind: 'resume' })).toMatchObject({ kind: 'over' });
});

it('a replay that could not be begun again is wanted as it was before', async () => {
  executionStatus = 'ABORTED';
  const { runs, resume } = await wantedRunning({ state: 'more' });
  stepFunctions.behave(({ headers }) =>
    String(headers['x-amz-target']).endsWith('DescribeExecution')
      ? answers(200, { executionArn: EXECUTION, status: 'ABORTED', startDate: NOW / 1_000 })
      : fails(400, 'AccessDeniedException', { message: 'no' }),
  );
  await expect(resume()).rejects.toThrow();
  expect((await runs.read(ID))?.wishes.wanted).toBe('running');
});
