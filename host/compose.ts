import { type DynamoDb, TO_DYNAMODB } from '../aws/dynamodb/dynamodb.ts';
import { type Environment, plainAccess } from '../aws/request/plain-access.ts';
import { createSignedRequests } from '../aws/request/signed-request.ts';
import { followWindows, type SharedWindows, shareLog, shareWindows } from '../aws/windows/shared-windows.ts';
import type { WindowKeeper } from '../aws/windows/window-keeper.ts';
import { createSsmWindowSource } from '../aws/windows/window-source.ts';
import type { FunctionIdentity } from '../core/events/deferred-event.ts';
import type { Config } from '../core/gate/config.ts';
import { createGate, type Gate } from '../core/gate/gate.ts';
import type { Clock, EventStore, Log, WindowSource } from '../core/gate/ports.ts';

/** The function that is protected, and the process that it lives in. */
export interface Protected {
  readonly config: Config;
  readonly identity: FunctionIdentity;
  /** Source of credentials, region and endpoints. */
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reader of the windows whose first read has begun. */
interface Reading {
  /** Resolves once the first request is written to the socket, or will not be. Never rejects. */
  readonly written: Promise<void>;
}

/** Puts the gate together with its adapters. Begins the first read of the parameters at once. */
export function composeGate(parts: Protected): Reading & { readonly gate: Gate } {
  const windows = readWindows(parts);
  return { gate: gateBehind(windows, parts), written: windows.written };
}

/** Reader for a process with gates in several threads. Begins the first read at once. */
export function composeReader(parts: Protected, shared: SharedWindows): Reading {
  const windows = readWindows(parts);
  shareWindows(shared, windows).catch((error) => parts.log.write({ kind: 'fault', cause: String(error) }));
  return windows;
}

/** Gate of one of several threads; follows the {@link composeReader} through this memory. */
export function composeFollower(parts: Protected, shared: SharedWindows): Gate {
  const windows = followWindows(shared, { ...parts, functionName: parts.identity.name });
  return gateBehind(windows, { ...parts, log: shareLog(shared, parts.log) });
}

function readWindows({ identity, ...parts }: Protected): WindowKeeper {
  return createSsmWindowSource({ ...parts, functionName: identity.name });
}

function gateBehind(windows: WindowSource, { config, identity, clock, log, environment }: Protected): Gate {
  const open = dynamoDbOpener(environment);
  const events = loadedWhenNeeded(async () => {
    const [{ createEventStore }, dynamoDb] = await Promise.all([import('../aws/events/event-store.ts'), open()]);
    return createEventStore({ dynamoDb, table: config.table, functionName: identity.name, clock });
  });
  const { policy, ttlSeconds } = config;
  return createGate({ windows, events, log, clock, identity, policy, ttlSeconds });
}

/**
 * Signs requests itself when keys are in the environment, with sockets taken before a handler can wrap them; otherwise
 * loads the SDK.
 */
function dynamoDbOpener(environment: Environment): () => Promise<DynamoDb> {
  const access = plainAccess('dynamodb', environment);
  if (!access)
    return () => import('../aws/dynamodb/dynamodb-sdk.ts').then(({ createSdkDynamoDb }) => createSdkDynamoDb());
  const requests = createSignedRequests(access.endpoint, 'dynamodb', TO_DYNAMODB);
  return async () => {
    const { createSignedDynamoDb } = await import('../aws/dynamodb/dynamodb-signed.ts');
    return createSignedDynamoDb(requests, { credentials: () => access.credentials });
  };
}

/** Store that is loaded on need: an environment that never meets a window does not pay for it. */
function loadedWhenNeeded(make: () => Promise<EventStore>): EventStore {
  let store: Promise<EventStore> | undefined;
  const loaded = () => {
    store ??= make().catch((error) => {
      store = undefined;
      throw error;
    });
    return store;
  };
  return {
    load: () =>
      loaded()
        .then((events) => events.load())
        .catch(() => undefined),
    put: async (...args) => (await loaded()).put(...args),
    takeBack: async (...args) => (await loaded()).takeBack(...args),
    retriesUntil: async (deadlineAt) => (await loaded()).retriesUntil(deadlineAt),
  };
}
