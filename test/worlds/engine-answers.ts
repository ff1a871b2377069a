/**
 * What is asked of both engines, Node's and the one in the proxy: this module runs in either, and all that it asks is the
 * product's own code. Answers are texts, so that nothing is lost between two processes.
 */
import type { DynamoDb } from '../../aws/dynamodb/dynamodb.ts';
import { createEventStore } from '../../aws/events/event-store.ts';
import { endpointOf } from '../../aws/request/endpoint.ts';
import { readingFrom } from '../../aws/windows/window-documents.ts';
import { createZone } from '../../core/calendar/zone.ts';
import type { Invocation } from '../../core/events/invocation.ts';
import { seenContext } from '../../core/events/replay-mark.ts';
import { readConfig } from '../../core/gate/config.ts';
import { createGate } from '../../core/gate/gate.ts';
import type { LogEntry, WindowSource } from '../../core/gate/ports.ts';
import { NO_POLICY, parsePolicy } from '../../core/sources/policy.ts';
import { isJson, parseJson } from '../../core/text/json.ts';
import { faultOfLenience } from '../../core/text/json-lenience.ts';
import { shown } from '../../core/text/shown.ts';
import { parseSchedule } from '../../core/time/cron.ts';
import { parseDuration } from '../../core/time/duration.ts';
import { parseInstant } from '../../core/time/instant.ts';
import { parseTimezone } from '../../core/time/timezone.ts';
import { parseWindows, windowsToText } from '../../core/windows/window.ts';
import { createSendReply } from '../../host/answer.ts';
import { type InvocationHeaders, invocationOf } from '../../host/invocation.ts';
import { createLog } from '../../host/log.ts';

/** A question, and what it is about. */
export type Question =
  | {
      readonly about: 'event';
      readonly headers: InvocationHeaders;
      readonly text: string;
      /** As a parameter's policy. */
      readonly policy: unknown;
      readonly streaming: boolean;
      /** Whether DynamoDB refuses. */
      readonly refused: boolean;
    }
  | {
      readonly about: 'windows';
      readonly text: string;
      readonly functionName: string;
      readonly instants: readonly number[];
    }
  | { readonly about: 'zone'; readonly name: string; readonly instants: readonly number[] }
  | { readonly about: 'texts'; readonly texts: readonly string[] }
  | { readonly about: 'environment'; readonly environment: Readonly<Record<string, string>> }
  | { readonly about: 'bytes'; readonly text: string }
  /** The text of the outline: of the proxy's engine alone. */
  | { readonly about: 'outline'; readonly text: string };

const NOW = Date.UTC(2026, 10, 21, 1);
const WINDOW = { startAt: Date.UTC(2026, 10, 21), endAt: Date.UTC(2026, 10, 21, 4), reason: 'CHG-1042 é 💥' };

/** What an engine adds to an invocation before its gate has it. */
export type Prepare = (invocation: Invocation) => Invocation;

/** The answer, as a JSON text in ASCII. */
export async function answerTo(question: Question, prepare: Prepare = (invocation) => invocation): Promise<string> {
  return written(await answered(question, prepare));
}

function answered(question: Question, prepare: Prepare): unknown {
  switch (question.about) {
    case 'event':
      return invoke(question, prepare);
    case 'windows':
      return windows(question);
    case 'zone':
      return stretches(question);
    case 'texts':
      return question.texts.map(readings);
    case 'environment':
      return environment(question.environment);
    case 'bytes':
      return bytes(question.text);
    case 'outline':
      return prepare({ ...NOBODY, text: question.text }).outline?.(NO_POLICY);
  }
}

const NOBODY = { id: '', invokedFunctionArn: '', deadlineAt: 0 };

/** Everything that comes of one invocation inside a window: what is stored, sent to Lambda, and logged. */
async function invoke(
  { headers, text, policy: given, streaming, refused }: Question & { about: 'event' },
  prepare: Prepare,
) {
  const told: unknown[] = [];
  const parsed = parsePolicy(given, 'policy');
  if (parsed.kind === 'fault') return parsed;
  const invocation = invocationOf(headers, text);
  if (!invocation) return 'no invocation';
  const clock = { now: () => NOW, random: () => 0.25 };
  const write = (line: string) => told.push(line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z|(?<="Timestamp":)\d+/g, 'T'));
  const lines = createLog({ format: 'JSON', level: 'TRACE', functionName: 'orders' }, '1.0.0', write);
  const log = { write: (entry: LogEntry) => lines.write(entry) };
  const windowSource: WindowSource = {
    reading: {
      stateAt: () => ({ validFrom: WINDOW.startAt, validUntil: WINDOW.endAt, active: WINDOW, lastEndAt: 0 }),
      policy: parsed.policy,
      editedAt: 0,
    },
    staleAt: Number.POSITIVE_INFINITY,
    start: async () => undefined,
    refresh: async () => undefined,
  };
  const dynamoDb: DynamoDb = {
    async send(name, input) {
      told.push([name, JSON.parse(JSON.stringify(input, withoutChance))]);
      if (refused)
        throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
      return {};
    },
    disconnect: () => undefined,
  };
  const gate = createGate({
    ttlSeconds: 60,
    windows: windowSource,
    events: createEventStore({ dynamoDb, table: 'events', functionName: 'orders', clock }),
    clock,
    log,
    identity: { name: 'orders', version: '$LATEST', clientVersion: '1.0.0' },
    policy: NO_POLICY,
  });
  const outcome = await gate.handle(prepare(invocation));
  const api = {
    respond: (...words: readonly string[]) => void told.push(['respond', ...words]),
    fail: (id: string, body: string) => void told.push(['fail', id, body]),
    stream: async (...words: readonly unknown[]) => void told.push(['stream', ...words]),
  };
  if (outcome.kind === 'reply') await createSendReply(api, { streaming }, log)(invocation.id, outcome.reply);
  return { outcome: outcome.kind, told };
}

/** What chance makes, and what two compressors may pack in two ways. */
function withoutChance(name: string, value: unknown): unknown {
  if (name === 'writeId') return 'by chance';
  const bytes = (value as { B?: unknown } | null)?.B;
  if (bytes === undefined) return value;
  // Made of the object by `toJSON`, where there is one.
  const list = Object.values((bytes as { data?: object }).data ?? (bytes as object)) as number[];
  return { bytes: Buffer.from(Uint8Array.from(list)).toString('base64') };
}

async function windows({ text, functionName, instants }: Question & { about: 'windows' }) {
  const outcome = parseWindows(text);
  if (outcome.kind === 'fault') return outcome;
  const { stateAt, policy } = await readingFrom([outcome.document], functionName);
  return { text: windowsToText(outcome.document), policy, states: instants.map(stateAt) };
}

function stretches({ name, instants }: Question & { about: 'zone' }) {
  const outcome = parseTimezone(name);
  if (outcome.kind === 'fault') return outcome;
  const { stretchAt } = createZone(outcome.value);
  return instants.map(stretchAt);
}

/** One text, read in every way in which the gate reads one. */
function readings(text: string) {
  return {
    json: parseJson(text),
    lenience: isJson(text) && faultOfLenience(text, 'it'),
    windows: parseWindows(text),
    schedule: parseSchedule(text),
    duration: parseDuration(text),
    instant: parseInstant(text),
    timezone: parseTimezone(text),
    context: seenContext(text),
    shown: shown(text),
    policy: parsePolicy(parseJson(text), 'policy'),
    number: String(Number(text)),
    sorted: text.split('').sort(),
    lower: text.toLowerCase(),
    upper: text.toUpperCase(),
    trimmed: text.trim(),
    written: JSON.stringify(text),
  };
}

function environment(variables: Readonly<Record<string, string>>) {
  let config: unknown;
  try {
    config = readConfig(variables);
  } catch (error) {
    config = String(error);
  }
  return { config, endpoints: (['ssm', 'dynamodb'] as const).map((service) => endpointOf(service, variables)) };
}

function bytes(text: string) {
  const raw = Buffer.from(text);
  return {
    length: Buffer.byteLength(text),
    raw: raw.toString('hex'),
    base64: raw.toString('base64'),
    unpacked: Buffer.from(raw.toString('base64'), 'base64').toString('hex'),
    text: raw.toString(),
    cut: raw.subarray(1).toString('utf8'),
    part: raw.toString('latin1', 1, 5),
    place: raw.indexOf('\r\n'),
  };
}

function written(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (one === undefined) return 'undefined';
    return typeof one === 'number' && (!Number.isFinite(one) || Object.is(one, -0))
      ? `number ${Object.is(one, -0) ? '-0' : one}`
      : one;
  }).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
