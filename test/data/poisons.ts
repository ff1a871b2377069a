import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A way to spoil an event's item, as its own function may write there or an accident may leave it. */
export interface Poison {
  readonly what: string;
  /** Undefined takes an attribute away. */
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  /** Whether only what was written down of attempts is wrong: once marked, the event can be replayed after all. */
  readonly isMended: boolean;
  /** What is said of it. */
  readonly told: RegExp;
}

const MENDED = ['status', 'leaseBy', 'leaseUntil', 'lastError', 'doneBy', 'doneAt', 'expiresAt'];
const NUMBERS: readonly AttributeValue[] = [{ S: '3000' }, { N: '-100000' }, { N: '1.5' }, { N: '1E+100' }];
const OTHERS: readonly AttributeValue[] = [
  { N: '1' },
  { BOOL: true },
  { NULL: true },
  { L: [] },
  { M: { S: { S: 'x' } } },
];

/** A body in parts, which this hash names. */
const PARTS = { body: undefined, parts: { N: '2' }, partsHash: { S: '0123456789abcdef' } };

/** Everything that is said to be a text, a number, an instant or a name, and is none. */
export const POISONS: readonly Poison[] = [
  ...['timeoutMs', 'attempts', 'bytes', 'deferredAt'].flatMap((name) => spoilt(name, [...NUMBERS, undefined])),
  ...['status', 'source', 'functionName', 'invokedFunctionArn', 'functionVersion', 'sha256', 'encoding'].flatMap(
    (name) => spoilt(name, [...OTHERS, { B: Buffer.from('x') }, undefined]),
  ),
  ...['clientContext', 'cognitoIdentity', 'traceId', 'tenantId', 'windowStart', 'windowEnd', 'windowReason'].flatMap(
    (name) => spoilt(name, OTHERS),
  ),
  ...['leaseBy', 'lastError', 'result', 'doneBy', 'qualifier'].flatMap((name) => spoilt(name, OTHERS)),
  ...['leaseUntil', 'doneAt', 'expiresAt'].flatMap((name) => spoilt(name, NUMBERS)),

  ...spoilt('status', texts('', 'toString', '__proto__', 'PENDING', 'paused')),
  ...spoilt('source', texts('__proto__', 'a\nb', 'x'.repeat(65))),
  ...spoilt('encoding', texts('zstd', '')),
  ...spoilt('sha256', texts('', '0'.repeat(63), 'F'.repeat(64))),
  ...spoilt('bytes', [{ N: '9007199254740991' }, { N: '18874369' }]),
  ...spoilt('windowStart', texts('tomorrow', '2026-02-30T00:00:00.000Z', '2026-11-21', '+999999-01-01T00:00:00.000Z')),
  ...spoilt('windowEnd', texts('', '2026-11-21T25:00:00.000Z')),
  ...spoilt('tenantId', texts('', 'a\r\nX-Amz-Invocation-Type: Event')),
  ...spoilt('functionName', texts('payments-refund')),
  ...spoilt(
    'invokedFunctionArn',
    texts(
      'arn:aws:lambda:eu-south-1:123456789012:function:payments-refund:live',
      'orders',
      'arn\r\nHost: evil',
      'arn:aws:states:eu-south-1:123456789012:function:orders',
      'arn:aws:lambda:eu-south-1:123456789012:function:orders:live:live',
      'https://payments.example/',
    ),
  ),
  ...spoilt('qualifier', texts('live')),
  ...spoilt('leaseUntil', [{ N: '9007199254740991' }], { status: { S: 'replaying' } }),
  ...spoilt('leaseUntil', [{ S: 'never' }, undefined], { status: { S: 'unknown' } }),

  body('no body at all', { body: undefined }, /its parts is missing/),
  body('a body that is a text', { body: { S: '{}' } }, /its body is not binary/),
  body('a body and parts', { parts: { N: '1' } }, /a body and parts/),
  ...['100000000000', '1000000000', '49', '-1', '1.5'].map((parts) =>
    body(`${parts} parts`, { ...PARTS, parts: { N: parts } }, /its parts is no whole number/),
  ),
  body('no part', { ...PARTS, parts: { N: '0' } }, /it has no body/),
  body('parts that are a text', { ...PARTS, parts: { S: '2' } }, /its parts is no whole number/),
  body('parts that are not there', { ...PARTS, parts: { N: '48' } }, /part 1 is missing/),
  ...['', 'x', '0123456789ABCDEF', '0123456789abcdef#0001'].map((hash) =>
    body(`parts of the hash "${hash}"`, { ...PARTS, partsHash: { S: hash } }, /its partsHash is not of its form/),
  ),
  body('no room for what a replay writes', { filler: { S: 'x'.repeat(395_000) } }, /no room/),
  body(
    'no room in an attribute of attributes',
    { filler: { L: [{ M: { a: { SS: ['x'.repeat(395_000)] } } }] } },
    /no room/,
  ),
];

function texts(...values: readonly string[]): readonly AttributeValue[] {
  return values.map((S) => ({ S }));
}

function spoilt(
  name: string,
  values: readonly (AttributeValue | undefined)[],
  more: Poison['attributes'] = {},
): readonly Poison[] {
  return values.map((value) => ({
    what: `${name} ${value ? JSON.stringify(value) : 'missing'}`,
    attributes: { [name]: value, ...more },
    isMended: MENDED.includes(name),
    told: new RegExp(`its ${name} is`),
  }));
}

function body(what: string, attributes: Poison['attributes'], told: RegExp): Poison {
  return { what, attributes, isMended: false, told };
}
