import type { DynamoDb } from '../aws/dynamodb/dynamodb.ts';
import type { FunctionIdentity } from '../core/events/deferred-event.ts';
import type { Config } from '../core/gate/config.ts';
import { createGate, type Gate } from '../core/gate/gate.ts';
import type { Clock, EventStore, Log, WindowSource } from '../core/gate/ports.ts';

/** What a gate is made of, whichever way its host goes to AWS. */
export interface GateBehindParts {
  readonly config: Config;
  readonly identity: FunctionIdentity;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Gate over the host's own way to the windows, and to the table.
 *
 * @param open called when the first event is stored
 */
export function gateBehind(
  windows: WindowSource,
  open: () => Promise<DynamoDb>,
  { config, identity, clock, log }: GateBehindParts,
): Gate {
  const events = loadedWhenNeeded(async () => {
    const [{ createEventStore }, dynamoDb] = await Promise.all([import('../aws/events/event-store.ts'), open()]);
    return createEventStore({ dynamoDb, table: config.table, functionName: identity.name, clock });
  });
  const { policy, ttlSeconds } = config;
  return createGate({ windows, events, log, clock, identity, policy, ttlSeconds });
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
