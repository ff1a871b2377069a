import type { Config } from '../gate/config.ts';
import type { FunctionIdentity } from '../gate/event.ts';
import { createGate, type Gate } from '../gate/gate.ts';
import type { Clock, EventStore, Log } from '../gate/ports.ts';
import { createSsmWindowSource } from './ssm.ts';

/** The gate on AWS, with the moment at which its first read of the parameter is on its way. */
export interface ComposedGate {
  readonly gate: Gate;
  /** Resolves once the first request is written to the socket, or will not be. Never rejects. */
  readonly written: Promise<void>;
}

/**
 * Where the adapters meet the gate. Making it starts the first read of the parameter at once.
 *
 * @param environment where credentials, region and endpoints come from
 */
export function composeGate(
  config: Config,
  identity: FunctionIdentity,
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  log: Log,
): ComposedGate {
  const windows = createSsmWindowSource({ config, functionName: identity.name, environment, clock, log });
  const events = loadedWhenNeeded(async () => {
    const { createDynamoEventStore } = await import('./dynamodb.ts');
    return createDynamoEventStore({ table: config.table, functionName: identity.name, clock });
  });
  const gate = createGate({ windows, events, log, clock, identity, policy: config.policy });
  return { gate, written: windows.written };
}

/** The store's SDK costs 60 ms and 35 MB, which an environment that never meets a window does not pay. */
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
    put: async (event, deadlineAt) => (await loaded()).put(event, deadlineAt),
    takeBack: async (id, deadlineAt) => (await loaded()).takeBack(id, deadlineAt),
  };
}
