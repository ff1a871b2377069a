import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ClientSettings } from './operator.ts';

/**
 * What several operators of one process have in common: whoever gives the credentials may ask somebody for a code, and is asked once;
 * connections are kept. Clocks, retries and faults stay each operator's own.
 */
export interface SharedAccess {
  /** The settings of a client, with what is shared of their place in them. */
  settings(own: ClientSettings): ClientSettings;
  /** AWS took these credentials for old or unknown: they are asked for anew. */
  forget(own: ClientSettings): void;
  close(): void;
}

type Handler = DynamoDBClient['config']['requestHandler'];

export function createSharedAccess(): SharedAccess {
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
