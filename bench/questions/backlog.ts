import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Finding, writeMilliseconds } from '../measure/findings.ts';
import { estimate, interleave } from '../measure/pairs.ts';
import { startOwnProcess } from '../processes/own-process.ts';
import type { ReplayUrls, StoreOrder } from '../processes/replay-process.ts';
import { type ToolEnvironment, toolEnvironment } from '../processes/tool-environment.ts';

const HOME = join(import.meta.dirname, '..', '..');
const TOOL = join(HOME, 'dist', 'cli', 'main.mjs');
const FAILED_ONE_OF = 50;

/** What somebody on call asks first, over a large backlog: how long until the terminal says something of it. */
export async function measureBacklog({ rounds = 5, backlog = 100_000 } = {}): Promise<Finding[]> {
  execFileSync(process.execPath, [join(HOME, 'build', 'cli.ts')], { cwd: HOME });
  await using aws = startOwnProcess(import.meta.resolve('../processes/replay-process.ts'));
  const urls = await aws.ask<ReplayUrls>({ events: backlog, failedOneOf: FAILED_ONE_OF } satisfies StoreOrder);
  const environment = toolEnvironment(urls);
  const { status, list, failures, whole } = await interleave(rounds, {
    status: () => firstAnswer(['status'], /events? waits?/, environment),
    list: () => firstAnswer(['events', 'list'], /pending/, environment),
    failures: () => firstAnswer(['events', 'failures'], /[1-9][\d,]* events? so far|EVENTS/, environment),
    whole: () => firstAnswer(['events', 'failures'], /events? in 1 group/, environment),
  });
  const target = { kind: 'at most', value: 1_000 } as const;
  const basis = `on a terminal; one of ${FAILED_ONE_OF} has failed; ${rounds} runs`;
  const finding = (what: string, figures: readonly number[]) => ({
    what: `${what}, with ${backlog} events that wait`,
    figure: estimate(figures),
    write: writeMilliseconds,
    basis,
  });
  return [
    { ...finding('the first answer of status', status), target },
    { ...finding('the first answer of events list', list), target },
    { ...finding('the first answer of events failures', failures), target },
    finding('the whole answer of events failures', whole),
  ];
}

/** Runs a command on a terminal, and resolves with the time until it has shown a text. The command runs to its end. */
async function firstAnswer(words: readonly string[], shows: RegExp, environment: ToolEnvironment): Promise<number> {
  const command = `stty cols 200; exec ${[process.execPath, TOOL, ...words].join(' ')}`;
  const beganAt = performance.now();
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: environment });
  let out = '';
  let tookMs: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (shows.test(out)) tookMs ??= performance.now() - beganAt;
  });
  const [code] = await once(child, 'close');
  if (code !== 0 || tookMs === undefined) throw new Error(`${words.join(' ')} ended with ${code}: ${out}`);
  return tookMs;
}
