import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import type { WireMessage } from '../../fakes/wire-messages.ts';
import { type Exchange, startWireTap, type WireTap } from '../../fakes/wire-tap.ts';
import { startClient } from '../../worlds/client-process.ts';
import { startExtension } from '../../worlds/proxy-extension.ts';
import type { RuntimeClient } from '../../worlds/runtime-clients.ts';
import type { Surroundings } from '../../worlds/surroundings.ts';

/** A function of a client's, what it is invoked with, and how the run ends. */
export interface Scenario {
  readonly name: string;
  /** One whose name ends in `stream` waits, after its first piece, until that piece is at the Runtime API. */
  readonly handler: string;
  /** What the client calls, in order: proof that the scenario shows what its name says. */
  readonly calls: readonly string[];
  /** Stands in one of its requests, for the same proof. */
  readonly says: string;
  /** Texts of events. The run is over when the client polls after the last. */
  readonly events?: readonly string[];
  /** Of each invocation. */
  readonly clientContext?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The run is over when the client has ended by itself, as after a failed INIT. */
  readonly ends?: true;
  /** Invocations at once: the order of requests over all connections says nothing. */
  readonly unordered?: true;
}

/** What lies between the client and the Runtime API, from the client's side. */
export type Hop =
  /** Our proxy. */
  | 'ours'
  /** Somebody else's, which changes nothing. */
  | 'another'
  /** Changes what the client sends: proof that a difference is seen. */
  | ((bytes: Buffer) => Buffer);

/** What was on the wire at both ends of the hops. */
export interface WireRun {
  /** What the client sent and got, connection by connection. */
  readonly atTheClient: readonly string[];
  /** What the Runtime API got and sent, connection by connection. */
  readonly atTheApi: readonly string[];
  /** Each request that the Runtime API got, in the order in which they came. */
  readonly requests: readonly string[];
  /** The ends of their paths: `next`, `init/error`. */
  readonly calls: readonly string[];
}

/** Far enough for every run, and the same in each. */
const DEADLINE = Date.parse('2090-01-01T00:00:00Z');
const SHOWN_BYTES = 2000;

/** Runs a scenario with a client that was prepared, through the hops, between two taps. */
export async function runThrough(
  hops: readonly Hop[],
  ready: Awaited<ReturnType<RuntimeClient['prepare']>>,
  { handler, events = [], clientContext, environment, ends, unordered }: Scenario,
  aws: Surroundings,
): Promise<WireRun> {
  await using disposal = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  disposal.defer(() => rmSync(folder, { recursive: true }));
  const release = join(folder, 'release');

  const api = disposal.use(
    await startRuntimeApi({
      invocations: events.map((text) => ({ text, deadlineAt: DEADLINE, ...(clientContext && { clientContext }) })),
      afterwards: 'hold',
    }),
  );
  const atTheApi = disposal.use(await startWireTap(api.address));
  let next = atTheApi.address;
  for (const hop of hops.toReversed()) {
    if (hop === 'ours') {
      const upstream = next === atTheApi.address ? {} : { upstream: next };
      const settings = { api, runtimeApi: atTheApi.address, environment: aws.environment };
      next = disposal.use(await startExtension({ ...settings, ...upstream })).address;
    } else {
      next = disposal.use(await startWireTap(next, hop === 'another' ? {} : { alter: hop })).address;
    }
  }
  const atTheClient = disposal.use(await startWireTap(next));

  const { environment: needed, ...what } = ready(handler);
  const client = disposal.use(
    startClient({
      ...what,
      runtimeApi: atTheClient.address,
      environment: { ...needed, ...environment, RELEASE_FILE: release },
    }),
  );
  if (handler.endsWith('stream')) {
    await atTheApi.sent('first piece, ');
    writeFileSync(release, '');
  }
  const polls = events.length + Number(environment?.['AWS_LAMBDA_MAX_CONCURRENCY'] ?? 1);
  const over = ends ? client.exited : api.seen('next', polls);
  await Promise.race([
    over,
    client.exited.then(({ code, signal, stdout, stderr }) => {
      if (!ends) throw new Error(`the client ended with ${signal ?? code}:\n${stdout}${stderr}`);
    }),
  ]);
  client.kill();
  await client.exited;

  const told = (tap: WireTap) => tap.exchanges().filter(isOfTheRuntime);
  const requests = told(atTheApi).map(({ request }) => request);
  const inOrder = (texts: readonly string[]) => (unordered ? texts.toSorted() : texts);
  return {
    atTheClient: byConnection(told(atTheClient)),
    atTheApi: byConnection(told(atTheApi)),
    requests: inOrder(requests.map(tell)),
    calls: inOrder(requests.map(callOf)),
  };
}

function callOf({ head }: WireMessage): string {
  return (
    /((?:init|restore)\/(?:next|error)|next|response|error) HTTP\/1\.1$/.exec(head[0] ?? '')?.[1] ?? String(head[0])
  );
}

function isOfTheRuntime({ request }: Exchange): boolean {
  return !request.head[0]?.includes(' /2020-01-01/extension/');
}

/** All that went over each connection, as one text each. Which connection was opened first says nothing. */
function byConnection(exchanges: readonly Exchange[]): string[] {
  const texts = new Map<number, string[]>();
  for (const { connection, request, interim, answer } of exchanges) {
    const messages = [request, ...interim, ...(answer ? [answer] : [])];
    texts.set(connection, [...(texts.get(connection) ?? []), ...messages.map(tell)]);
  }
  return [...texts.values()].map((one) => one.join('\n\n')).toSorted();
}

/** A message as lines to compare: everything that is on the wire, but the port in `Host`. */
function tell(message: WireMessage): string {
  const { head, chunks, body, trailers, isWhole } = message;
  const text = body.subarray(0, SHOWN_BYTES).toString(isUtf8(body) ? 'utf8' : 'latin1');
  return [
    ...head.map((line) => line.replace(/^(host: 127\.0\.0\.1:)\d+$/i, '$1<port>')),
    ...(chunks.length > 0 ? [`(chunks: ${chunks.join(' ')})`] : []),
    `(${body.length} bytes, SHA-256 ${createHash('sha256').update(body).digest('hex')})`,
    text,
    ...trailers,
    ...(isWhole ? [] : ['(broken off)']),
  ].join('\n');
}
