import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { denseText } from '../../data/deferred-event.ts';
import { readExampleEvent } from '../../data/events.ts';
import { createRandom } from '../../data/random.ts';
import type { Behaviour } from '../../fakes/dynamodb-proxy.ts';
import type { RecordedRequest } from '../../fakes/runtime-api.ts';
import {
  breaksDown,
  breaksOff,
  denies,
  holds,
  isSilent,
  resets,
  type Script,
  talksNonsense,
  throttles,
} from '../../fakes/ssm-misbehaving.ts';
import { type Handler, type ProxiedEnvironment, startEnvironment } from '../../worlds/proxied-environment.ts';
import { hasProxy } from '../../worlds/proxy.ts';
import { type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';

/**
 * A function that is invoked under faults by chance: windows come and go, SSM and DynamoDB fail in every way, the proxy and
 * the runtime are killed at every place, and time runs out. Lambda sends again what has failed. Three things hold:
 *
 * - What was acknowledged as stored is in the table, whole.
 * - The handler runs nothing inside a window that its environment knows of.
 * - Each invocation has one answer, or its environment ends: nothing is swallowed.
 *
 * `MAINTENANCE_WINDOW_TEST_SEED=…` repeats the choices of a run; what they meet is still the machine's.
 */
const SEED = Number(process.env['MAINTENANCE_WINDOW_TEST_SEED'] ?? randomInt(2 ** 31));
const INVOCATIONS = 2_000;
/** Functions side by side, each with one environment at a time. */
const LANES = 10;
const TRIES = 3;

const AMPLE_MS = 60_000;
/** For an invocation whose time runs out. The gate keeps 300 ms of it for its answer. */
const SCARCE_MS = 1_200;
const LARGE_BYTES = 900_000;
const NAME = 'maintenance-window';

type Choices = ReturnType<typeof choicesOf>;
interface Interval {
  readonly startAt: number;
  readonly endAt: number;
}
/** Where the proxy is killed: before an invocation, at any moment of it, in the handler, once its event is stored, in its answer. */
const KILLS = ['idle', 'any moment', 'handler', 'stored', 'answer'] as const;
const TABLE_FAULTS: readonly Behaviour[] = [
  { kind: 'fail', code: 'ThrottlingException' },
  { kind: 'fail', code: 'InternalServerError' },
  { kind: 'cut', when: 'before' },
  { kind: 'cut', when: 'during' },
  { kind: 'cut', when: 'after' },
  { kind: 'delay', ms: 40 },
  { kind: 'hang', when: 'before' },
  { kind: 'hang', when: 'after' },
];
const SSM_FAULTS: readonly Script[] = [throttles, breaksDown, breaksOff, denies, resets, talksNonsense, isSilent];
const EXAMPLES = [
  'eventbridge-custom',
  'sns',
  'sqs',
  'kinesis',
  's3-test-event',
  'api-gateway-http-payload-2',
  'rotation',
];

/** What is to happen around one invocation. */
interface Plan {
  readonly kill: (typeof KILLS)[number] | undefined;
  readonly handler: 'responds' | 'fails' | 'dies' | 'dies receiving' | 'hangs';
  /** What the first requests for the table meet. */
  readonly table: readonly Behaviour[];
  /** The table answers nothing, having done it or not. */
  readonly silent: 'before' | 'after' | undefined;
}

interface Invocation {
  readonly id: string;
  readonly text: string;
  readonly tries: number;
}

/** One life of the function: an environment, and what its proxy was told. */
interface Life {
  readonly environment: ProxiedEnvironment;
  /** Good answers of SSM, in their order. */
  readonly known: Known[];
  readonly suspects: Suspect[];
  end(): Promise<void>;
}

interface Known {
  readonly windows: readonly Interval[];
  readonly at: number;
}

/** An event that was run inside a window, for all that SSM has said. */
interface Suspect {
  readonly id: string;
  /** What was said last when it came; nothing, where none was ever read and that counts as a window. */
  readonly said: Known | undefined;
  readonly before: Known | undefined;
  readonly handedAt: number;
  readonly ranAt: number;
}

/** All that is found out, over all lanes. */
interface Findings {
  readonly violations: string[];
  count(what: string): void;
}

describe.skipIf(!hasProxy)('2,000 invocations behind the proxy, under faults by chance', () => {
  it(`are acknowledged where they are stored, run outside windows alone, and never swallowed (seed ${SEED})`, async () => {
    await using aws = await startSurroundings();
    const counts = new Map<string, number>();
    const findings: Findings = { violations: [], count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1) };
    await Promise.all(
      Array.from({ length: LANES }, (_, lane) => runLane(aws, findings, lane, choicesOf(createRandom(SEED + lane)))),
    );
    const happened = Object.fromEntries([...counts].sort());
    expect(findings.violations, `seed ${SEED}, ${JSON.stringify(happened)}`).toEqual([]);
    // It was no fair weather.
    for (const kill of KILLS) expect(happened[`killed: ${kill}`], JSON.stringify(happened)).toBeGreaterThan(0);
    for (const what of ['handled', 'stored', 'not stored', 'ended']) expect(happened[what], what).toBeGreaterThan(50);
    expect(happened['ssm failed']).toBeGreaterThan(10);
  });
});

async function runLane(aws: Surroundings, findings: Findings, lane: number, choices: Choices): Promise<void> {
  const onError = lane % 2 === 0 ? 'dispatch' : 'defer';
  const again: Invocation[] = [];
  const stored = new Map<string, Invocation>();
  const latest = new Map<string, Told | 'ended'>();
  let windows: readonly Interval[] = [];
  let editedAt = Date.now();
  let ssmFault: Script | undefined;
  let life: Life | undefined;

  for (let begun = 0; begun < INVOCATIONS / LANES || again.length > 0; ) {
    if (choices.happens(0.08)) {
      windows = windowsBy(choices);
      editedAt = Date.now();
    }
    if (choices.happens(0.1)) {
      ssmFault = choices.happens(0.4) ? choices.oneOf(SSM_FAULTS) : undefined;
    }
    const isAgain = begun === INVOCATIONS / LANES || (again.length > 0 && choices.happens(0.7));
    const invocation = (isAgain && again.shift()) || newInvocation(`${lane}-${begun++}`, choices);
    const plan = planBy(choices);
    if (life && plan.kill === 'idle') {
      findings.count('killed: idle');
      life.environment.proxy.kill();
      await life.end();
      life = undefined;
    }
    life ??= await startLife();
    const { told, isOver } = await attempt(life, invocation, plan);
    if (isOver) {
      await life.end();
      life = undefined;
    }
    const how = told ?? 'ended';
    findings.count(how);
    if (how === 'stored') stored.set(invocation.id, invocation);
    // A caller that is told "stored" by an error may be Lambda's own queue, which sends again.
    const isSentAgain = how === 'ended' || how === 'not stored' || (how === 'stored' && choices.happens(0.1));
    if (isSentAgain && invocation.tries < TRIES) again.push({ ...invocation, tries: invocation.tries + 1 });
    latest.set(invocation.id, how);
  }
  await life?.end();
  for (const { id, text } of stored.values()) {
    const item = await aws.eventItem(id);
    // What came again after the window is Lambda's own again.
    const isThere =
      item?.['status']?.S === 'pending' || (item?.['status']?.S === 'taken-back' && latest.get(id) !== 'stored');
    if (!isThere || item['sha256']?.S !== sha256(text)) findings.violations.push(`${id} was acknowledged, and is lost`);
    if (!item?.['parts']) continue;
    findings.count('stored in parts');
    if (`${await aws.storedBytes(id)}` !== text) findings.violations.push(`the parts of ${id} are not its text`);
  }

  /** An environment, and what its proxy was told of windows. */
  async function startLife(): Promise<Life> {
    const known: Known[] = [];
    const suspects: Suspect[] = [];
    findings.count('started');
    // INIT waits five seconds for an SSM that may recover: seldom.
    if (ssmFault !== denies && choices.happens(0.9)) ssmFault = undefined;
    const script: Script = (request) => {
      if (ssmFault) {
        findings.count('ssm failed');
        return ssmFault(request);
      }
      known.push({ windows, at: Date.now() });
      return holds({ [NAME]: textOf(windows) }, editedAt)(request);
    };
    const environment = await startEnvironment({
      dynamoDbUrl: aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
      ssm: script,
      settings: { MAINTENANCE_WINDOW_ON_ERROR: onError },
    });
    return {
      environment,
      known,
      suspects,
      async end() {
        await environment[Symbol.asyncDispose]();
        const output = environment.proxy.output();
        for (const suspect of suspects) {
          if (wasUnheard(suspect, output)) findings.count('unheard');
          else findings.violations.push(`${suspect.id} was run inside a window\n${output}`);
        }
      },
    };
  }

  /** Hands one invocation over, and says how it ended for Lambda. */
  async function attempt({ environment, known, suspects }: Life, { id, text }: Invocation, plan: Plan) {
    const { proxy, dynamoDb } = environment;
    const isTimed = plan.handler === 'hangs' || plan.silent || plan.table.some(({ kind }) => kind === 'hang');
    const faults = [...plan.table];
    let ran = 0;
    let isKilled = false;
    let told: Told | undefined;
    const kill = (where: Plan['kill']) => {
      if (plan.kill !== where) return false;
      findings.count(`killed: ${where}`);
      proxy.kill();
      isKilled = true;
      return true;
    };
    const knownBefore = known.length;
    const handedAt = Date.now();
    const handler: Handler = {
      diesReceiving: plan.handler === 'dies receiving',
      async handle(event) {
        const ranAt = Date.now();
        ran += 1;
        if (event !== text) findings.violations.push(`${id} came to the handler as another event`);
        const held = known[knownBefore - 1];
        const said = [...(held ? [held] : []), ...known.slice(knownBefore)];
        const inside = said.every(({ windows: told }) => holdsThroughout(told, handedAt, ranAt));
        const isKnown = held !== undefined || onError === 'defer';
        if (inside && isKnown) suspects.push({ id, said: said[0], before: known[knownBefore - 2], handedAt, ranAt });
        if (kill('handler') || plan.handler === 'dies') return { kind: 'dies' };
        if (plan.handler === 'hangs') await proxy.ended;
        const body = JSON.stringify({ handled: id });
        return plan.handler === 'fails' ? { kind: 'fails', body } : { kind: 'responds', body };
      },
    };
    environment.onAnswer = async (answer) => {
      if (answer.id !== id || told)
        findings.violations.push(`an answer to ${answer.id} where there is none to be given`);
      told = toldBy(answer);
      if (told === 'stored' && !(await isStored(aws, id, text)))
        findings.violations.push(`${id} is not stored, as was said`);
      if ((told === 'handled') !== ran > 0) findings.violations.push(`${id} was run ${ran} times and is ${told}`);
      kill('answer');
    };
    dynamoDb.behave(({ operation, pk }) => {
      if (operation === 'PutItem' && pk.endsWith(`#${id}`) && kill('stored')) return { kind: 'cut', when: 'after' };
      if (plan.silent) return { kind: 'hang', when: plan.silent };
      return faults.shift();
    });
    const timer = plan.kill === 'any moment' ? setTimeout(() => kill('any moment'), choices.between(0, 6)) : undefined;
    const deadlineAt = Date.now() + (isTimed ? SCARCE_MS : AMPLE_MS);
    const end = await environment.invoke({ id, text, deadlineAt }, handler);
    clearTimeout(timer);
    if (end === 'time-up' && !isTimed) findings.violations.push(`${id} was swallowed\n${proxy.output()}`);
    const isOver = end !== 'answered' || isKilled;
    // What Lambda had until the end counts.
    if (isOver) await environment[Symbol.asyncDispose]();
    return { told, isOver };
  }
}

type Told = 'handled' | 'stored' | 'not stored';

/** What Lambda reads in an answer. */
function toldBy({ kind, body }: RecordedRequest): Told {
  const text = body.toString();
  if (text.startsWith('{"handled":')) return 'handled';
  if (kind === 'error') return /stored as [\w-]+, /.test(text) ? 'stored' : 'not stored';
  return JSON.parse(text)?.statusCode === 503 ? 'not stored' : 'stored';
}

async function isStored(aws: Surroundings, id: string, text: string): Promise<boolean> {
  const item = await aws.eventItem(id);
  return item?.['status']?.S === 'pending' && item['sha256']?.S === sha256(text);
}

/** Whether one window holds at both instants, and so in between. */
function holdsThroughout(windows: readonly Interval[], fromAt: number, toAt: number): boolean {
  return windows.some(({ startAt, endAt }) => startAt <= fromAt && toAt < endAt);
}

/**
 * Whether the proxy, on a machine that is too busy, had given up on the answer that says so before that came: then it has
 * counted a failed read soon after, and what was said before holds.
 */
function wasUnheard({ said, before, handedAt, ranAt }: Suspect, output: string): boolean {
  if (!said || (before && holdsThroughout(before.windows, handedAt, ranAt))) return false;
  return output.split('\n').some((line) => {
    if (!line.includes('"WindowReadFailed":1')) return false;
    const failedAt = Number(/"Timestamp":(\d+)/.exec(line)?.[1]);
    return failedAt >= said.at && failedAt <= said.at + 1_000;
  });
}

function textOf(windows: readonly Interval[]): string {
  const instant = (at: number) => new Date(at).toISOString();
  return JSON.stringify({
    version: 1,
    windows: windows.map(({ startAt, endAt }) => ({ start: instant(startAt), end: instant(endAt) })),
  });
}

/** None, one that is active, one that begins or ends soon. */
function windowsBy({ oneOf, between }: Choices): readonly Interval[] {
  const now = Date.now();
  const hour = 3_600_000;
  return oneOf([
    [],
    [{ startAt: now - hour, endAt: now + hour }],
    [{ startAt: now + between(200, 1_500), endAt: now + between(2_000, 4_000) }],
    [{ startAt: now - hour, endAt: now + between(200, 2_000) }],
  ]);
}

function planBy({ happens, oneOf, between }: Choices): Plan {
  const faults = () => Array.from({ length: between(1, 4) }, () => oneOf(TABLE_FAULTS));
  return {
    kill: happens(0.12) ? oneOf(KILLS) : undefined,
    handler: happens(0.12) ? oneOf(['fails', 'dies', 'dies receiving', 'hangs']) : 'responds',
    table: happens(0.2) ? faults() : [],
    silent: happens(0.03) ? oneOf(['before', 'after'] as const) : undefined,
  };
}

function newInvocation(name: string, { happens, oneOf }: Choices): Invocation {
  const direct = () => JSON.stringify({ name, text: denseText(happens(0.1) ? LARGE_BYTES : 300) });
  return { id: `event-${name}`, text: happens(0.5) ? direct() : readExampleEvent(oneOf(EXAMPLES)), tries: 1 };
}

function choicesOf(random: () => number) {
  const between = (least: number, end: number) => least + Math.floor(random() * (end - least));
  return {
    happens: (probability: number) => random() < probability,
    between,
    oneOf<Value>(values: readonly Value[]): Value {
      return values[between(0, values.length)] as Value;
    },
  };
}
