import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type Finding,
  writeMegabytes,
  writeMicroseconds,
  writeMilliseconds,
  writePerSecond,
  writeRatio,
} from '../measure/findings.ts';
import { estimate, interleave, median, ratios } from '../measure/pairs.ts';
import { cpuTimeNs, residentBytes } from '../measure/process-cost.ts';
import type { Invoked, InvokeOrder } from '../processes/invoke-process.ts';
import { startOwnProcess } from '../processes/own-process.ts';
import type { ReplayUrls, StoreOrder } from '../processes/replay-process.ts';
import { type ToolEnvironment, toolEnvironment } from '../processes/tool-environment.ts';

const HOME = join(import.meta.dirname, '..', '..');
const TOOL = join(HOME, 'dist', 'cli', 'main.mjs');
const CONCURRENCY = 32;
/** Events after which everything is loaded, so that memory must not grow any more. */
const WARM_EVENTS = 1_000;

/** Rate of a replay against an instant function, and its behaviour with a large backlog. */
export async function measureReplay({
  rounds = 6,
  eventsPerRound = 3_000,
  backlog = 100_000,
} = {}): Promise<Finding[]> {
  execFileSync(process.execPath, [join(HOME, 'build', 'cli.ts')], { cwd: HOME });
  await using aws = startOwnProcess(import.meta.resolve('../processes/replay-process.ts'));
  await using invoker = startOwnProcess(import.meta.resolve('../processes/invoke-process.ts'));
  const store = (events: number, deniesRecords = false) =>
    aws.ask<ReplayUrls>({ events, deniesRecords } satisfies StoreOrder);
  const urls = await store(0);
  const environment = toolEnvironment(urls);
  const bareOrder: InvokeOrder = {
    lambdaUrl: urls.AWS_ENDPOINT_URL_LAMBDA,
    invocations: eventsPerRound,
    concurrency: CONCURRENCY,
  };

  const cpuNs = { recorded: [] as number[], unrecorded: [] as number[] };
  const rateOf = async (hasRecord: boolean) => {
    await store(eventsPerRound, !hasRecord);
    const { tookMs, warnings, cpuNs: ofRound } = await replay(environment, eventsPerRound);
    if (warnings.includes('has no record') === hasRecord) throw new Error(`a record or none: ${warnings}`);
    cpuNs[hasRecord ? 'recorded' : 'unrecorded'].push(ofRound / eventsPerRound);
    return (eventsPerRound / tookMs) * 1_000;
  };
  const perSecond = await interleave(rounds, {
    replay: () => rateOf(true),
    unrecorded: () => rateOf(false),
    bare: async () => (eventsPerRound / (await invoker.ask<Invoked>(bareOrder)).tookMs) * 1_000,
  });
  await store(backlog);
  const { list } = await interleave(rounds, { list: () => listFirstPage(environment) });
  const { grownBytes } = await replay(environment, Math.max(2 * WARM_EVENTS, Math.ceil(backlog / 5)));
  const basis = `${rounds} rounds of ${eventsPerRound} events, ${CONCURRENCY} at once; a bare loop of SDK Invoke calls: ${writePerSecond(median(perSecond.bare))}`;
  return [
    {
      what: 'a replay’s rate against an instant function, with the embedded DynamoDB beside it',
      target: { kind: 'at least', value: 1_000 },
      figure: estimate(perSecond.replay),
      write: writePerSecond,
      basis,
    },
    {
      what: 'that rate, to that of a bare loop of SDK Invoke calls',
      figure: estimate(ratios(perSecond.replay, perSecond.bare)),
      write: writeRatio,
      basis: 'each event also costs a claim and an outcome, both confirmed by the table',
    },
    {
      what: 'that rate, to that of the same replay without its record',
      target: { kind: 'at least', value: 0.95 },
      figure: estimate(ratios(perSecond.replay, perSecond.unrecorded)),
      write: writeRatio,
      basis: `the table takes none then: ${writePerSecond(median(perSecond.unrecorded))}`,
    },
    {
      what: 'CPU time of a replay, its start included, to that of one without its record',
      target: { kind: 'at most', value: 1.02 },
      figure: estimate(ratios(cpuNs.recorded, cpuNs.unrecorded)),
      write: writeRatio,
      basis: `${writeMicroseconds(median(cpuNs.recorded))} an event against ${writeMicroseconds(median(cpuNs.unrecorded))}`,
    },
    {
      what: `the first page of events list, with ${backlog} pending`,
      target: { kind: 'at most', value: 1_000 },
      figure: estimate(list),
      write: writeMilliseconds,
      basis: `the whole process; ${rounds} runs`,
    },
    {
      what: `resident memory at the end of a replay, over that after ${WARM_EVENTS} events`,
      target: { kind: 'at most', value: 20e6 },
      figure: estimate([grownBytes]),
      write: writeMegabytes,
      basis: `${Math.max(2 * WARM_EVENTS, Math.ceil(backlog / 5))} events of ${backlog} pending; 1 run`,
    },
  ];
}

/** What a replay took, how its memory grew, and what it warned of. */
interface Replayed {
  readonly tookMs: number;
  readonly grownBytes: number;
  /** Of the tool's process, until all but the last events were told. */
  readonly cpuNs: number;
  readonly warnings: string;
}

async function replay(environment: ToolEnvironment, events: number): Promise<Replayed> {
  // Inside a window: outside one it reads the window parameter every few seconds, which is not the question.
  const how = ['--during-window', '--concurrency', String(CONCURRENCY), '--limit', String(events)];
  const words = ['replay', '-o', 'json', ...how];
  const child = spawn(process.execPath, [TOOL, ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  let warnings = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    warnings += text;
  });
  let seen = 0;
  let warmBytes = 0;
  let lastBytes = 0;
  let cpuNs = 0;
  let summary: { tookMs: number; replayed: number } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"summary"')) summary = JSON.parse(line).summary;
    else {
      seen += 1;
      if (seen === WARM_EVENTS) warmBytes = residentBytes(child.pid ?? 0);
      if (seen === events - CONCURRENCY) {
        lastBytes = residentBytes(child.pid ?? 0);
        cpuNs = cpuTimeNs(child.pid ?? 0);
      }
    }
  }
  await exited;
  if (summary?.replayed !== events) {
    throw new Error(`${summary?.replayed} of ${events} events were replayed: ${warnings}`);
  }
  return { tookMs: summary.tookMs, grownBytes: lastBytes - warmBytes, cpuNs, warnings };
}

async function listFirstPage(environment: ToolEnvironment): Promise<number> {
  const beganAt = performance.now();
  const child = spawn(process.execPath, [TOOL, 'events', 'list'], { env: environment, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`events list ended with ${code}`);
  return performance.now() - beganAt;
}
