import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AwsClock, createAwsClock } from '../../aws/time/aws-clock.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { ClientSettings } from './operator.ts';

/**
 * What several operators of one process have in common: whoever gives the credentials may ask somebody for a code, and is asked once;
 * connections are kept. Retries, faults and the clock that it goes by stay each operator's own.
 */
export interface SharedAccess {
  /** Hears what the clock of each of them hears. */
  readonly clock: AwsClock;
  /** The settings of a client, with what is shared of their place in them. */
  settings(own: ClientSettings): ClientSettings;
  /** AWS took these credentials for old or unknown: they are asked for anew. */
  forget(own: ClientSettings): void;
  close(): void;
}

type Handler = DynamoDBClient['config']['requestHandler'];

/** @param clock the one of this machine */
export function createSharedAccess(clock: Clock): SharedAccess {
  const clients = new Map<string, Promise<DynamoDBClient>>();
  const keyOf = ({ profile, region, endpoint }: ClientSettings) => JSON.stringify([profile, region, endpoint]);
  const clientOf = (own: ClientSettings): Promise<DynamoDBClient> => {
    const key = keyOf(own);
    // the client asks for nothing: its credentials and its connections are what is shared
    const made = clients.get(key) ?? import('@aws-sdk/client-dynamodb').then((sdk) => new sdk.DynamoDBClient(own));
    clients.set(key, made);
    return made;
  };
  return {
    // that the clock here is wrong is told by each operator
    clock: createAwsClock(clock, () => undefined),
    settings: (own) => ({
      ...own,
      credentials: async () => (await clientOf(own)).config.credentials(),
      requestHandler: handlerOf(() => clientOf(own)),
    }),
    forget: (own) => end(keyOf(own)),
    close() {
      for (const key of clients.keys()) end(key);
    },
  };

  function end(key: string): void {
    void clients.get(key)?.then((client) => client.destroy());
    clients.delete(key);
  }
}

/** Sends by another client's connections. The end of the client that it is given to does not end them. */
function handlerOf(client: () => Promise<DynamoDBClient>): Handler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request, options) => (await client()).config.requestHandler.handle(request, options),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  };
}
