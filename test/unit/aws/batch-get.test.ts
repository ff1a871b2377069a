import { describe, expect, it } from 'vitest';
import { type BatchGet, batchItems } from '../../../aws/dynamodb/batch-get.ts';
import { isThrottled } from '../../../aws/request/aws-codes.ts';

const KEYS = Array.from({ length: 250 }, (_, index) => `orders#${index}`);

/** A table that gives so many items of what each request asks for, and what it was asked. */
function tableGiving(giving: (request: number) => number) {
  const asked: number[] = [];
  const pauses: number[] = [];
  const get: BatchGet = async ({ RequestItems = {} }) => {
    const [[name, { Keys = [], ...what }] = ['', {}]] = Object.entries(RequestItems);
    asked.push(Keys.length);
    const given = giving(asked.length);
    const rest = Keys.slice(given);
    expect(what).toEqual({ ConsistentRead: true });
    return {
      Responses: { [name]: Keys.slice(0, given) },
      ...(rest.length > 0 && { UnprocessedKeys: { [name]: { Keys: rest } } }),
    };
  };
  const timer = { random: () => 1, sleep: async (ms: number) => void pauses.push(ms) };
  const read = async () => {
    const found: (string | undefined)[] = [];
    for await (const { pk } of batchItems(get, 'events', KEYS, { ConsistentRead: true }, timer)) found.push(pk?.S);
    return found;
  };
  return { asked, pauses, read };
}

describe('a batch of items', () => {
  it('is read a hundred at a time, without a pause where all of it comes', async () => {
    const { read, asked, pauses } = tableGiving(() => 100);
    expect(await read()).toEqual(KEYS);
    expect({ asked, pauses }).toEqual({ asked: [100, 100, 50], pauses: [] });
  });

  it('is asked for again after a pause that grows, up to two seconds, where the table leaves some of it out', async () => {
    const { read, asked, pauses } = tableGiving(() => 10);
    expect((await read()).sort()).toEqual([...KEYS].sort());
    expect(asked.slice(0, 11)).toEqual([100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 100]);
    expect(pauses.slice(0, 10)).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000, 50]);
  });

  it('is given up after ten answers in a row that have none of it', async () => {
    const { read, asked } = tableGiving((request) => (request === 5 ? 1 : 0));
    const fault = await read().catch((error: Error) => error);
    expect(fault).toMatchObject({ message: '10 answers in a row left out all of 99 items' });
    expect(isThrottled((fault as Error).name)).toBe(true);
    expect(asked).toHaveLength(15);
  });
});
