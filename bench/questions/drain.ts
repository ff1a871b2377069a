import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbOf } from '../../aws/dynamodb/dynamodb-sdk.ts';
import { createRunStore } from '../../aws/events/run-store.ts';
import type { DrainTask } from '../../cloud/drain/task.ts';
import { planOf } from '../../core/replay/wish.ts';
import type { ShareRef } from '../../core/runs/drain-input.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { FROM_DRAIN, runPlanOf } from '../../core/runs/run.ts';
import { createEnvironments } from '../../local/drain/environments.ts';
import { startServer } from '../../test/fakes/scripted-service.ts';
import { type Finding, writeMegabytes, writeMilliseconds } from '../measure/findings.ts';
import { estimate } from '../measure/pairs.ts';
import { residentBytes } from '../measure/process-cost.ts';
import { startOwnProcess } from '../processes/own-process.ts';
import type { ReplayUrls, StoreOrder } from '../processes/replay-process.ts';

const HOME = join(import.meta.dirname, '..', '..');
const FUNCTION = 'orders';
const ACCESS = { region: 'eu-south-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
const CONCURRENCY = 50;
const LOOK_MS = 250;
/** The embedded DynamoDB takes some 4 KB for an event. */
const TABLE_HEAP = '--max-old-space-size=5500';

/**
 * A drain over a large backlog: how soon its first event is sent, and what memory one of its shares takes from stretch to
 * stretch. Each stretch ends by a pause, and not by its time; one environment does all of them, as in Lambda.
 */
export async function measureDrain({
  backlog = 1_000_000,
  stretches = 5,
  worksForMs = 30_000,
} = {}): Promise<Finding[]> {
  execFileSync(process.execPath, [join(HOME, 'build', 'cloud.ts')], { cwd: HOME });
  await using aws = startOwnProcess(import.meta.resolve('../processes/replay-process.ts'), [TABLE_HEAP]);
  const urls = await aws.ask<ReplayUrls>({ events: backlog } satisfies StoreOrder);
  const lambda = await startInstantFunction();
  const client = new DynamoDBClient({ ...ACCESS, endpoint: urls.AWS_ENDPOINT_URL_DYNAMODB });
  const clock = { now: Date.now, random: Math.random };
  const runs = createRunStore({ dynamoDb: dynamoDbOf(client), table: 'maintenance-window-events', clock });
  const pids = new Set<number>();
  const drain = createEnvironments({
    file: join(HOME, 'dist', 'drain', 'index.js'),
    functionArn: 'arn:aws:lambda:eu-south-1:123456789012:function:drain',
    environment: {
      ...urls,
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: lambda.url,
      AWS_REGION: ACCESS.region,
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any',
    },
    write: () => undefined,
    onTask: ({ pid = 0 }) => pids.add(pid),
  });
  try {
    const run = await createRun(runs);
    const beganAt = performance.now();
    const { shares } = (await invoke({ task: 'begin', execution: 'bench', startedAt: '', input: { run } })) as {
      readonly shares: readonly ShareRef[];
    };
    const [share] = shares;
    if (!share) throw new Error('the run has no share');
    const peaks: number[] = [];
    for (let number = 0; number < stretches; number += 1) peaks.push(await stretch(run, share));
    const { replayed } = (await runs.read(run))?.counts ?? { replayed: 0 };
    if (pids.size !== 1 || lambda.invocations() < replayed || replayed === 0)
      throw new Error(`${replayed} events of ${lambda.invocations()} invocations, by ${pids.size} environments`);
    const basis = `one of ${shares.length} shares of ${backlog} events that wait; the function answers at once; ${replayed} events in ${stretches} stretches of one environment`;
    return [
      {
        what: 'from the start of a drain to the first event that it sends',
        figure: estimate([lambda.firstAt() - beganAt]),
        write: writeMilliseconds,
        target: { kind: 'at most', value: 5_000 },
        basis: `${basis}; the start of its environment included`,
      },
      {
        what: 'resident memory of a stretch, at most',
        figure: estimate([Math.max(...peaks)]),
        write: writeMegabytes,
        target: { kind: 'at most', value: 200e6 },
        basis: `at most in each: ${peaks.map(writeMegabytes).join(', ')}`,
      },
      {
        what: 'that of the last stretch, over that of the first',
        figure: estimate([(peaks.at(-1) ?? 0) - (peaks[0] ?? 0)]),
        write: writeMegabytes,
        target: { kind: 'at most', value: 20e6 },
        basis,
      },
    ];
  } finally {
    drain.close();
    client.destroy();
    await lambda.close();
  }

  async function invoke(task: DrainTask): Promise<object> {
    const answered = await drain.invoke(task);
    if ('error' in answered) throw new Error(answered.error.errorMessage);
    return answered.result;
  }

  /** @returns its environment's resident memory, at most */
  async function stretch(run: string, share: ShareRef): Promise<number> {
    await runs.wish(run, { wanted: 'running' });
    const sentBefore = lambda.invocations();
    let isOver = false;
    const over = invoke({ task: 'stretch', run, share }).finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver && lambda.invocations() === sentBefore) await pause(1);
    const [pid = 0] = pids;
    let mostBytes = 0;
    for (const endsAt = performance.now() + worksForMs; !isOver && performance.now() < endsAt; await pause(LOOK_MS)) {
      mostBytes = Math.max(mostBytes, residentBytes(pid));
    }
    await runs.wish(run, { wanted: 'paused' });
    await over;
    return Math.max(mostBytes, residentBytes(pid));
  }
}

/** Lambda, of a function that takes no time and has the default settings. */
async function startInstantFunction() {
  let invocations = 0;
  let firstAt = Number.NaN;
  const server = await startServer((request, response) => {
    if (request.url?.endsWith('/invocations')) {
      if (invocations === 0) firstAt = performance.now();
      invocations += 1;
    }
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  return { url: server.url, close: server.close, invocations: () => invocations, firstAt: () => firstAt };
}

async function createRun(runs: RunStore): Promise<string> {
  const planned = planOf({ concurrency: CONCURRENCY }, false);
  if (planned.kind === 'none') throw new Error(planned.why.kind);
  const [id, now] = [randomBytes(4).toString('hex'), Date.now()];
  const facts = { id, name: 'bench', by: 'bench', from: FROM_DRAIN, startedAt: now };
  const selection = { functions: [FUNCTION], untilAt: now };
  await runs.create({ ...facts, selection, plan: runPlanOf(planned.plan) }, 0, now + 60_000);
  return id;
}
