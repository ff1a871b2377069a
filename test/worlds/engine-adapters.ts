/**
 * A store and a window source that live in the engine of the proxy, put together as `proxy/main.ts` does, with real
 * sockets. Evaluated there; `adapters-in-engine.ts` is the other end.
 */
import { TO_DYNAMODB } from '../../aws/dynamodb/dynamodb.ts';
import { createSignedDynamoDb } from '../../aws/dynamodb/dynamodb-signed.ts';
import { createEventStore } from '../../aws/events/event-store.ts';
import type { Environment } from '../../aws/request/plain-access.ts';
import { createSignedRequests } from '../../aws/request/signed-request.ts';
import { createSignedReader } from '../../aws/windows/parameter-reader-signed.ts';
import { createWindowKeeper, type WindowKeeper } from '../../aws/windows/window-keeper.ts';
import type { WindowState } from '../../core/calendar/calendar.ts';
import type { DeferredEvent } from '../../core/events/deferred-event.ts';
import type { Config } from '../../core/gate/config.ts';
import type { EventStore, LogEntry } from '../../core/gate/ports.ts';
import type { Policy } from '../../core/sources/policy.ts';
import { readAccess } from '../../proxy/access.ts';

/** The clock of whoever calls: where none is said, chance is the engine's own. */
export interface CallersClock {
  readonly now: number;
  readonly chance?: number | undefined;
}

/** One call of a method of an adapter's. The first one makes the adapter. */
export type AdapterCall = { readonly adapter: number; readonly clock: CallersClock } & (
  | { readonly about: 'event-store'; readonly parts: StoreParts; readonly call: StoreCall }
  | { readonly about: 'window-source'; readonly parts: WindowParts; readonly call: 'written' | 'start' | 'refresh' }
);

export interface StoreParts {
  readonly table: string;
  readonly functionName: string;
  readonly environment: Environment;
}

export type StoreCall =
  | { readonly method: 'load' }
  | {
      readonly method: 'put';
      readonly event: DeferredEvent;
      readonly deadlineAt: number;
      readonly retriedUntilAt?: number | undefined;
    }
  | { readonly method: 'takeBack'; readonly id: string; readonly deadlineAt: number }
  | { readonly method: 'retriesUntil'; readonly deadlineAt: number };

export interface WindowParts {
  readonly config: Config;
  readonly functionName: string;
  readonly environment: Environment;
}

/** What came of a call. JSON has no infinite numbers, so they are written. */
export interface AdapterAnswer {
  readonly value?: string | undefined;
  readonly fault?: { readonly name: string; readonly message: string };
  readonly windows?: ToldWindows;
}

/** A window source after a call, by the clock of that call. */
export interface ToldWindows {
  readonly staleAt: string;
  readonly state: Pick<WindowState, 'active'>;
  readonly policy: Policy;
  /** What was logged since the call before. */
  readonly entries: readonly LogEntry[];
}

interface Store {
  readonly store: EventStore;
  /** How much the caller's clock is ahead. */
  aheadMs: number;
}

interface Windows {
  readonly keeper: WindowKeeper;
  readonly entries: LogEntry[];
  clock: CallersClock;
}

const stores = new Map<number, Store>();
const sources = new Map<number, Windows>();

export async function callAdapter(call: AdapterCall): Promise<AdapterAnswer> {
  try {
    return await (call.about === 'event-store' ? callStore(call) : callWindows(call));
  } catch (error) {
    const { name, message } = error as Error;
    return { fault: { name, message } };
  }
}

async function callStore({
  adapter,
  clock,
  parts,
  call,
}: AdapterCall & { about: 'event-store' }): Promise<AdapterAnswer> {
  const found = stores.get(adapter) ?? openStore(parts);
  stores.set(adapter, found);
  found.aheadMs = clock.now - Date.now();
  const value = await resultOf(found.store, call);
  return { value: value === undefined ? undefined : String(value) };
}

function openStore({ table, functionName, environment }: StoreParts): Store {
  const now = () => Date.now() + opened.aheadMs;
  const clock = { now, random: native.random };
  const { dynamoDb: endpoint, signing } = readAccess(environment, clock);
  const dynamoDb = createSignedDynamoDb(createSignedRequests(endpoint, 'dynamodb', { ...TO_DYNAMODB, now }), signing);
  const opened: Store = { store: createEventStore({ dynamoDb, table, functionName, clock }), aheadMs: 0 };
  return opened;
}

async function resultOf(store: EventStore, call: StoreCall): Promise<string | number | undefined> {
  switch (call.method) {
    case 'load':
      await store.load();
      return undefined;
    case 'put':
      return store.put(call.event, call.deadlineAt, call.retriedUntilAt);
    case 'takeBack':
      return store.takeBack(call.id, call.deadlineAt);
    case 'retriesUntil':
      return store.retriesUntil(call.deadlineAt);
  }
}

async function callWindows({ adapter, clock, parts, call }: AdapterCall & { about: 'window-source' }) {
  const found = sources.get(adapter) ?? openWindows(parts, clock);
  sources.set(adapter, found);
  found.clock = clock;
  const { keeper, entries } = found;
  await (call === 'written' ? keeper.written : keeper[call]());
  const { reading, staleAt } = keeper;
  const { active } = reading.stateAt(found.clock.now);
  const windows: ToldWindows = {
    staleAt: String(staleAt),
    state: active ? { active } : {},
    policy: reading.policy,
    entries: entries.splice(0),
  };
  return { windows };
}

function openWindows({ config, functionName, environment }: WindowParts, first: CallersClock): Windows {
  const entries: LogEntry[] = [];
  let opened: Windows | undefined;
  const told = () => opened?.clock ?? first;
  const clock = { now: () => told().now, random: () => told().chance ?? native.random() };
  const { ssm, signing } = readAccess(environment, clock);
  const log = { write: (entry: LogEntry) => void entries.push(entry) };
  const keeper = createWindowKeeper({
    reader: createSignedReader(ssm, signing),
    config,
    functionName,
    clock,
    log,
  });
  opened = { keeper, entries, clock: first };
  return opened;
}
