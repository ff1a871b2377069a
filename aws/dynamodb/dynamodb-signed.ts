import { isOfSignature } from '../request/aws-codes.ts';
import { parseObject, refusalIn } from '../request/refusal.ts';
import type { SignedAnswer, SignedRequests, Signing } from '../request/signed-request.ts';
import type { DynamoDb, Item, Operations } from './dynamodb.ts';

/** AWS JSON 1.0: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const CONTENT_TYPE = 'application/x-amz-json-1.0';
const TARGET = 'DynamoDB_20120810';

/** DynamoDB said no, or something that is no answer. As the SDK's own errors are: the code is the name. */
class DynamoDbRefusal extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly clockSkewCorrected: boolean };
  /** With `ReturnValuesOnConditionCheckFailure`: what was there. */
  readonly Item?: Item;

  constructor(name: string, message: string, { status, wasSkewed }: SignedAnswer, item: Item | undefined) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status, clockSkewCorrected: wasSkewed && isOfSignature(name) };
    if (item) this.Item = item;
  }
}

/** DynamoDB without the SDK: for a fifth of a request's CPU time, and without the 55 ms and 11 MB of loading it. */
export function createSignedDynamoDb(requests: SignedRequests, signing: Signing): DynamoDb {
  return { send, disconnect: requests.disconnect };

  async function send<Name extends keyof Operations>(
    name: Name,
    input: Operations[Name]['input'],
    signal: AbortSignal,
  ): Promise<Operations[Name]['output']> {
    const credentials = await signing.credentials();
    signal.throwIfAborted();
    const request = {
      headers: { 'Content-Type': CONTENT_TYPE, 'X-Amz-Target': `${TARGET}.${name}` },
      body: JSON.stringify(wireForm(input)),
    };
    const { answer, abandon } = requests.post(credentials, request, signing.now?.());
    signal.addEventListener('abort', abandon, { once: true });
    try {
      return outputOf(await answer) as Operations[Name]['output'];
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }
}

/** The parts of an answer that hold items. */
interface WireAnswer {
  readonly Item?: Item;
  readonly Attributes?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

/** Whoever else is at an endpoint that is not right may say 200 to everything: an event would count as stored. */
function outputOf(answer: SignedAnswer): object {
  if (answer.status === 200) {
    const json: WireAnswer | undefined = parseObject(answer.body);
    const isOfDynamoDb = answer.headers['content-type']?.startsWith(CONTENT_TYPE) && json && !('__type' in json);
    if (isOfDynamoDb) return withBytes(json);
    throw new DynamoDbRefusal('SyntaxError', 'the answer is not one of DynamoDB', answer, undefined);
  }
  const { code, message, json } = refusalIn(answer);
  const { Item: item }: WireAnswer = json ?? {};
  throw new DynamoDbRefusal(code || 'UnknownError', message, answer, item && itemWithBytes(item));
}

/** Only an item that is put has bytes: on the wire they are base64. */
function wireForm(input: object): object {
  if (!('Item' in input)) return input;
  return {
    ...input,
    Item: mapValues(input.Item as Item, ({ B }) => (B === undefined ? undefined : { B: base64Of(B) })),
  };
}

function withBytes(answer: WireAnswer): object {
  const { Item: item, Attributes: attributes, Items: items, Responses: responses } = answer;
  return {
    ...answer,
    ...(item && { Item: itemWithBytes(item) }),
    ...(attributes && { Attributes: itemWithBytes(attributes) }),
    ...(items && { Items: items.map(itemWithBytes) }),
    ...(responses && { Responses: mapValues(responses, (found) => found.map(itemWithBytes)) }),
  };
}

function itemWithBytes(item: Item): Item {
  return mapValues(item, ({ B }) => (B === undefined ? undefined : { B: Buffer.from(String(B), 'base64') })) as Item;
}

function base64Of({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('base64');
}

/** Those values for which there is another one are replaced. */
function mapValues<Value, Other>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Other | undefined,
): Record<string, Value | Other> {
  const mapped: Record<string, Value | Other> = {};
  for (const [name, value] of Object.entries(record)) mapped[name] = map(value) ?? value;
  return mapped;
}
