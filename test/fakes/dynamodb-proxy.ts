import {
  type Answer,
  answers,
  askOf,
  type LoopbackServer,
  operationOf,
  pause,
  type SeenRequest,
  type Behaviour as ServedBehaviour,
  startServiceOf,
} from './scripted-service.ts';

/** What becomes of one request. */
export type Behaviour =
  | { readonly kind: 'pass' }
  /** Does it, and answers only after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Never answers; has done it (`after`) or not (`before`). */
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  /** Closes the connection: not done; done, and half of the answer sent; done, and nothing sent. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'during' | 'after' }
  /** Answers with an error of the service. Not done. The status is 500 for codes of the server's side, else 400. */
  | {
      readonly kind: 'fail';
      readonly code: string;
      readonly message?: string;
      /** The item that is there already, with `ConditionalCheckFailedException`: the service's `ALL_OLD`. */
      readonly item?: unknown;
    };

/** One request, as far as it matters here. */
export interface ProxiedRequest {
  /** e.g. `PutItem`. */
  readonly operation: string;
  /** The partition key of the item that it is about. */
  readonly pk: string;
  /** The same as DynamoDB tells IAM, as leading keys: none where it names no single item. */
  readonly pks: readonly string[];
  readonly index?: string;
  /** Everything that it asks for, but for the item itself. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Distinguishes connections. */
  readonly port: number;
}

/** What becomes of a request. Until it is said, the request waits. */
type Chooser = (request: ProxiedRequest) => Behaviour | undefined | Promise<Behaviour | undefined>;

/** A DynamoDB that misbehaves as told. */
export interface DynamoDbProxy extends LoopbackServer {
  /** All requests so far. */
  readonly requests: readonly ProxiedRequest[];
  /** Says what becomes of each request from now on; `undefined` lets it pass. */
  behave(choose: Chooser): void;
}

/** The nth request meets the nth behaviour, those after them pass. */
export function inOrder(...behaviours: Behaviour[]): () => Behaviour | undefined {
  return () => behaviours.shift();
}

/** Starts it in front of `target` (plain HTTP). */
export async function startDynamoDbProxy(target: string): Promise<DynamoDbProxy> {
  let choose: Chooser = () => undefined;
  const service = await startServiceOf(describe, async (request, seen) =>
    become((await choose(request)) ?? { kind: 'pass' }, () => askOf(target, seen)),
  );
  return Object.assign(service, {
    behave(chooser: Chooser): void {
      choose = chooser;
    },
  });
}

async function become(behaviour: Behaviour, ask: () => Promise<Answer>): Promise<ServedBehaviour> {
  switch (behaviour.kind) {
    case 'pass':
      return ask();
    case 'delay': {
      const answer = await ask();
      await pause(behaviour.ms);
      return answer;
    }
    case 'hang':
      if (behaviour.when === 'after') await ask();
      return { kind: 'hang' };
    case 'cut': {
      if (behaviour.when === 'before') return { kind: 'cut' };
      const answer = await ask();
      return { kind: 'cut', ...(behaviour.when === 'during' && { during: answer }) };
    }
    case 'fail':
      return errorAnswer(behaviour);
  }
}

/** Source: Amazon DynamoDB developer guide, "Error handling with DynamoDB". */
function errorAnswer({ code, message, item }: Behaviour & { readonly kind: 'fail' }): Answer {
  const ofServer = code === 'InternalServerError' || code === 'ServiceUnavailable';
  return answers(ofServer ? 500 : 400, {
    __type: `com.amazonaws.dynamodb.v20120810#${code}`,
    message: message ?? `${code} as told`,
    Item: item,
  });
}

function describe(seen: SeenRequest): ProxiedRequest {
  const { Item: item, ...input } = JSON.parse(seen.body || '{}');
  const pk = (item ?? input.Key)?.pk?.S;
  return {
    operation: operationOf(seen),
    pk: pk ?? '',
    pks: pk === undefined ? [] : [pk],
    ...(input.IndexName && { index: input.IndexName }),
    input,
    port: seen.port,
  };
}
