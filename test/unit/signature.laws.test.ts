/** Requests are signed as the package `aws4` signs them. */
import aws4 from 'aws4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSigner, type RequestToSign } from '../../aws/signature.ts';

const printable = fc.string({ unit: fc.constantFrom(...'aZ09 \t-_.~!\'()*/=+:;,"@é'), maxLength: 40 });
const names = fc.string({ unit: fc.constantFrom(...'abcXYZ019-'), minLength: 1, maxLength: 12 });
const segments = fc.array(
  fc.string({ unit: fc.constantFrom(..."aZ09-_.~!'()*", '%20', '%3A', '%C3%A9'), minLength: 1 }),
  {
    maxLength: 4,
  },
);
const REQUESTS: fc.Arbitrary<RequestToSign> = fc.record({
  path: segments.filter((all) => all.every((each) => !/^\.+$/.test(each))).map((all) => `/${all.join('/')}`),
  headers: fc.dictionary(names, printable, { maxKeys: 6 }).map((more) => ({
    ...distinct(more),
    Host: 'ssm.eu-south-1.amazonaws.com',
    'Content-Type': 'application/json',
    'Content-Length': '7',
  })),
  body: fc.string({ unit: 'grapheme' }),
});
const CREDENTIALS = fc.record(
  {
    accessKeyId: fc.string({ unit: fc.constantFrom(...'AKID0189'), minLength: 1 }),
    secretAccessKey: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 90 }),
    sessionToken: fc.base64String({ minLength: 1 }),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const INSTANTS = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2099, 0) });

describe('a signature', () => {
  it('is that of aws4, for whatever is asked, in whatever order', () => {
    const sign = createSigner('ssm', 'eu-south-1');
    fc.assert(
      fc.property(REQUESTS, CREDENTIALS, INSTANTS, (request, credentials, now) => {
        const { 'X-Amz-Date': date, Authorization: ours } = sign(request, credentials, now);
        const options = {
          method: 'POST',
          service: 'ssm',
          region: 'eu-south-1',
          path: request.path,
          body: request.body,
        };
        const theirs = aws4.sign({ ...options, headers: { ...request.headers, 'X-Amz-Date': date } }, credentials);
        expect(ours).toBe(theirs.headers?.['Authorization']);
      }),
      { numRuns: 2_000 },
    );
  });

  it('changes with the day, the keys and the token', () => {
    const sign = createSigner('dynamodb', 'eu-south-1');
    const request = { path: '/', headers: { Host: 'a' }, body: '{}' };
    const keys = { accessKeyId: 'AKID', secretAccessKey: 'one' };
    const of = (more: object, now = 0) => sign(request, { ...keys, ...more }, now)['Authorization'];
    const all = [of({}), of({ secretAccessKey: 'two' }), of({ sessionToken: 't' }), of({}, 86_400_000)];
    expect(new Set(all).size).toBe(4);
    expect(of({})).toBe(all[0]);
  });
});

/** Names that differ in case alone are one header. */
function distinct(headers: Readonly<Record<string, string>>): Record<string, string> {
  const taken = ['host', 'content-type', 'content-length', 'authorization', 'x-amz-date'];
  return Object.fromEntries(
    Object.entries(headers).filter(([name], index, all) => {
      const lower = name.toLowerCase();
      return !taken.includes(lower) && all.findIndex(([other]) => other.toLowerCase() === lower) === index;
    }),
  );
}
