import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbOf } from '../../aws/dynamodb/dynamodb-sdk.ts';
import { createRunStore } from '../../aws/events/run-store.ts';
import { planOf } from '../../core/replay/wish.ts';
import type { ShareRef } from '../../core/runs/drain-input.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { FROM_DRAIN, runPlanOf } from '../../core/runs/run.ts';
import { createEnvironments } from '../../local/drain/environments.ts';
import { simulateDrain } from '../../test/worlds/drain-simulation.ts';
import { type Finding, writeMegabytes, writeMilliseconds } from '../measure/findings.ts';
import { estimate } from '../measure/pairs.ts';
import { residentBytes } from '../measure/process-cost.ts';
import { startOwnProcess } from '../processes/own-process.ts';
import type { ReplayUrls, StoreOrder } from '../processes/replay-process.ts';

const HOME = join(import.meta.dirname, '..', '..');
const FUNCTION = 'orders';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
const LOOK_MS = 250;
const HISTORY_LIMIT = 25_000;

/**
 * The drain at size: a simulation of its own code by a clock that nobody waits for, and one real stretch over a large backlog,
 * which it works at for some seconds.
 */
export async function measureDrain({
  events = 10_000_000,
  functions = 200,
  backlog = 1_000_000,
  worksForMs = 30_000,
} = {}): Promise<Finding[]> {
  const simulated = await simulateDrain({
    functions,
    events,
    wish: { concurrency: 1_000 },
    accountConcurrency: 800,
    window: { afterMs: 20_000, lastsMs: 120_000 },
    killEvery: 40,
  });
  const { replayed = 0 } = simulated.statuses;
  const histories = simulated.executions.map((each) => each.events);
  const basis = `${functions} functions, simulated ${Math.round(simulated.tookMs / 1_000)} s; ${simulated.stretches} stretches, ${simulated.killed} killed; ${simulated.throttled} invocations throttled, a window in between`;
  const count = { write: String, basis };
  return [
    {
      ...count,
      what: `events of ${events} that a drain left, or ran twice for no reason`,
      figure: estimate([events - replayed + simulated.twice.length]),
      target: { kind: 'at most', value: 0 },
    },
    {
      ...count,
      what: 'events of the longest history of an execution',
      figure: estimate([Math.max(...histories)]),
      target: { kind: 'at most', value: HISTORY_LIMIT },
    },
    ...(await measureStretch(backlog, worksForMs)),
  ];
}

async function measureStretch(backlog: number, worksForMs: number): Promise<Finding[]> {
  execFileSync(process.execPath, [join(HOME, 'build', 'cloud.ts')], { cwd: HOME });
  await using aws = startOwnProcess(import.meta.resolve('../processes/replay-process.ts'));
  const urls = await aws.ask<ReplayUrls>({ events: backlog } satisfies StoreOrder);
  const client = new DynamoDBClient({ ...ACCESS, endpoint: urls.AWS_ENDPOINT_URL_DYNAMODB });
  const clock = { now: Date.now, random: Math.random };
  const runs = createRunStore({ dynamoDb: dynamoDbOf(client), table: 'maintenance-window-events', clock });
  let pid = 0;
  const drain = createEnvironments({
    file: join(HOME, 'dist', 'drain', 'index.js'),
    functionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:drain',
    environment: {
      ...urls,
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL_EVENTBRIDGE: urls.AWS_ENDPOINT_URL_LAMBDA,
      AWS_REGION: ACCESS.region,
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
    },
    write: () => undefined,
    onTask: (process) => {
      pid = process.pid ?? 0;
    },
  });
  try {
    const run = await createRun(runs);
    const beganAt = performance.now();
    const begun = await drain.invoke({ task: 'begin', execution: 'bench', startedAt: '', input: { run } });
    if ('error' in begun) throw new Error(begun.error.errorMessage);
    const [share] = (begun.result as { readonly shares: readonly ShareRef[] }).shares;
    let isOver = false;
    const stretch = drain.invoke({ task: 'stretch', run, share }).then((answered) => {
      isOver = true;
      if ('error' in answered) throw new Error(answered.error.errorMessage);
    });
    while (!isOver && ((await runs.read(run))?.counts.replayed ?? 0) === 0) await pause(LOOK_MS);
    const startMs = performance.now() - beganAt;
    const resident = [residentBytes(pid)];
    for (const endsAt = performance.now() + worksForMs; performance.now() < endsAt && !isOver; await pause(LOOK_MS)) {
      resident.push(residentBytes(pid));
    }
    await runs.wish(run, { wanted: 'stopped' });
    await stretch;
    const basis = `one share of ${backlog} events that wait; the function answers at once`;
    return [
      {
        what: 'from the start of a run to its first heartbeat that tells of an event',
        figure: estimate([startMs]),
        write: writeMilliseconds,
        target: { kind: 'at most', value: 5_000 },
        basis,
      },
      {
        what: 'memory of a stretch, at most',
        figure: estimate([Math.max(...resident)]),
        write: writeMegabytes,
        target: { kind: 'at most', value: 200e6 },
        basis,
      },
    ];
  } finally {
    drain.close();
    client.destroy();
  }
}

async function createRun(runs: RunStore): Promise<string> {
  const planned = planOf({ concurrency: 50 }, false);
  if (planned.kind === 'none') throw new Error(planned.why.kind);
  const [id, now] = [randomBytes(4).toString('hex'), Date.now()];
  const facts = { id, name: 'bench', by: 'bench', from: FROM_DRAIN, startedAt: now };
  const selection = { functions: [FUNCTION], untilAt: now };
  await runs.create({ ...facts, selection, plan: runPlanOf(planned.plan) }, 0, now + 60_000);
  return id;
}
