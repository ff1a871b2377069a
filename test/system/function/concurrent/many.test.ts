import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../../data/events.ts';
import { type RecordedRequest, type ServedInvocation, startRuntimeApi } from '../../../fakes/runtime-api.ts';
import { holds, startMisbehavingSsm } from '../../../fakes/ssm-misbehaving.ts';
import { patchedClient, startClient } from '../../../worlds/client-process.ts';
import { activeWindows, startSurroundings } from '../../../worlds/surroundings.ts';

/**
 * Eight worker threads, 64 invocations in flight, and an operator who opens and ends a window over and over.
 * Whatever happens to an invocation, it is one thing and not two.
 */

const WORKERS = 8;
const IN_FLIGHT = 64;
const TTL_SECONDS = 1;
const EDITS = 6;
const NO_WINDOWS = '{"version":1,"windows":[]}';

/** What becomes of each inside a window. */
const KINDS = {
  sqs: 'deferred',
  'direct-object': 'deferred',
  'eventbridge-custom': 'deferred',
  'function-url': 'rejected',
  'alb-health-check': 'answered',
} as const;
type Outcome = 'dispatched' | (typeof KINDS)[keyof typeof KINDS];

/** Says whom it was called for, in its answer and in a file. */
const taskRoot = mkdtempSync(join(tmpdir(), 'marking-function-'));
writeFileSync(join(taskRoot, 'marks'), '');
writeFileSync(
  join(taskRoot, 'index.mjs'),
  `import { appendFileSync } from 'node:fs';
export const handler = async (_event, { awsRequestId }) => {
  appendFileSync(process.env.LAMBDA_TASK_ROOT + '/marks', awsRequestId + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { dispatched: awsRequestId };
};`,
);
afterAll(() => rmSync(taskRoot, { recursive: true }));

describe('many invocations at once', () => {
  it('while a window is opened and ended are each dispatched, deferred once, rejected or answered', async () => {
    await using aws = await startSurroundings();
    let parameter = activeWindows();
    const ssm = await startMisbehavingSsm((request) => holds({ 'maintenance-window': parameter })(request));
    const served = new Map<string, keyof typeof KINDS>();
    let mostInFlight = 0;
    let editing = true;
    await using api = await startRuntimeApi({ invocations: asFastAsAnswered(), afterwards: 'hold' });
    await using client = startClient({
      client: patchedClient(),
      handler: 'index.handler',
      taskRoot,
      runtimeApi: api.address,
      environment: {
        ...aws.environment,
        AWS_ENDPOINT_URL_SSM: ssm.url,
        AWS_LAMBDA_MAX_CONCURRENCY: String(IN_FLIGHT),
        AWS_LAMBDA_NODEJS_WORKER_COUNT: String(WORKERS),
        MAINTENANCE_WINDOW_TTL: String(TTL_SECONDS),
      },
    });
    await api.seen('answer');
    for (let edit = 0; edit < EDITS; edit++) {
      await noticed();
      parameter = parameter === NO_WINDOWS ? activeWindows() : NO_WINDOWS;
    }
    await noticed();
    editing = false;
    while (api.count('answer') < served.size) await pause(50);
    client.kill('SIGTERM');
    const { stdout } = await client.exited;
    await ssm.close();

    const answers = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
    expect(answers.map(({ id }) => id).sort()).toEqual([...served.keys()].sort()); // each once
    const calls = readFileSync(join(taskRoot, 'marks'), 'utf8').trim().split('\n');
    expect(new Set(calls).size).toBe(calls.length);
    const stored = new Map(
      (await aws.items()).filter(({ status }) => status).map((item) => [item['pk']?.S?.split('#')[1] ?? '', item]),
    );
    const tally = new Map<Outcome, number>();
    for (const answer of answers) {
      const id = answer.id ?? '';
      const outcome = outcomeOf(answer);
      expect([id, outcome]).toEqual([id, calls.includes(id) ? 'dispatched' : KINDS[served.get(id) ?? 'sqs']]);
      expect([id, stored.get(id)?.['status']?.S]).toEqual([id, outcome === 'deferred' ? 'pending' : undefined]);
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    }
    expect([...tally.keys()].sort()).toEqual(['answered', 'deferred', 'dispatched', 'rejected']);
    expect(mostInFlight).toBe(IN_FLIGHT);

    const reads = ssm.requests.map(({ receivedAt }) => receivedAt);
    expect(reads.length).toBeGreaterThan(EDITS);
    // A TTL apart, less the tenth that keeps environments from staying together. How late a request
    // arrives differs from one to the next, so the tenth is asked of all gaps, and half a TTL of each.
    for (const [index, at] of reads.entries())
      expect(at - (reads[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(TTL_SECONDS * 500);
    expect((reads.at(-1) ?? 0) - (reads[0] ?? 0)).toBeGreaterThan((reads.length - 1) * TTL_SECONDS * 900 - 500);

    // One line for each beginning and each end, however many threads noticed.
    const told = [...stdout.matchAll(/"maintenanceWindow":"(window-\w+)"/g)].map(([, kind]) => kind);
    expect(told).toEqual(Array.from({ length: EDITS + 1 }, (_, i) => (i % 2 === 0 ? 'window-began' : 'window-ended')));

    /** The parameter has been read again, and invocations have come since. */
    async function noticed(): Promise<void> {
      const { length } = ssm.requests;
      while (ssm.requests.length === length) await pause(50);
      const answers = api.count('answer');
      while (api.count('answer') < answers + 2 * IN_FLIGHT) await pause(50);
    }

    async function* asFastAsAnswered(): AsyncGenerator<ServedInvocation> {
      const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
      for (let n = 0; editing; n++) {
        while (served.size - api.count('answer') >= IN_FLIGHT) await pause(1);
        const kind = kinds[n % kinds.length] ?? 'sqs';
        const id = `${kind}-${n}`;
        served.set(id, kind);
        mostInFlight = Math.max(mostInFlight, served.size - api.count('answer'));
        yield { id, text: readExampleEvent(kind) };
      }
    }
  });
});

/** What the answer tells of. */
function outcomeOf({ kind, body }: RecordedRequest): Outcome {
  const said = JSON.parse(`${body}`);
  if (kind === 'error') return said.errorMessage.startsWith('stored as ') ? 'deferred' : 'rejected';
  if (said?.dispatched) return 'dispatched';
  if (said?.statusCode) return said.statusCode === 503 ? 'rejected' : 'answered';
  return 'deferred';
}
