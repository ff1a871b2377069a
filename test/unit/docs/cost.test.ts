import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DynamoDb, Item, Operations } from '../../../aws/dynamodb/dynamodb.ts';
import { createEventArchive } from '../../../aws/events/event-archive.ts';
import { createEventStore } from '../../../aws/events/event-store.ts';
import { eventItems, ITEM_LIMIT_BYTES, itemBytes, REPLAY_ROOM_BYTES } from '../../../aws/events/item.ts';
import { runItem, shareItem } from '../../../aws/events/run-item.ts';
import { DRAIN_UNITS, LIST_PRICES } from '../../../bench/measure/drain-cost.ts';
import { DRAIN_MEMORY_MB, DRAIN_TIMEOUT_SECONDS, drainMachine } from '../../../core/deployment/drain-machine.ts';
import { encodeBody } from '../../../core/events/body.ts';
import type { DeferredEvent } from '../../../core/events/deferred-event.ts';
import { tableDefinition } from '../../../core/events/table.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { FROM_DRAIN, HEARTBEAT_MS, type RunShare, runPlanOf } from '../../../core/runs/run.ts';
import { createMachine, type EndedExecution, TaskFault } from '../../../local/drain/machine.ts';
import { PLAN } from '../../fakes/memory/simulated-replay.ts';
import { pageText, sectionOf, tableIn } from './pages.ts';

const page = pageText('docs/cost.md');
const clock = { now: () => 1_795_219_200_000, random: () => 0.5 };
const functionName = 'orders-api';

/** One write as it is charged: units of 1 KB, begun ones too, for the item and for its row of the index. */
interface Write {
  readonly request: string;
  readonly table: number;
  readonly index: number;
}

/**
 * A table that keeps items, applies no expression, and charges as DynamoDB does: an update by the larger of the item
 * before and after, an index row that moves to another key twice.
 * Source: Amazon DynamoDB developer guide, "DynamoDB on-demand capacity mode" and "Using Global Secondary Indexes".
 */
function chargingTable(): { readonly dynamoDb: DynamoDb; readonly writes: Write[] } {
  const items = new Map<string | undefined, Item>();
  const writes: Write[] = [];
  const charge = (request: string, bytes: number, index: number) =>
    writes.push({ request, table: Math.ceil(bytes / 1_024), index });
  const send = async (name: keyof Operations, input: object) => {
    const { Item: put, Key: key, ExpressionAttributeValues: values = {} } = input as Record<string, Item | undefined>;
    if (name === 'PutItem' && put) {
      items.set(put['pk']?.S, put);
      charge(name, itemBytes(put), 1);
    }
    const item = items.get(key?.['pk']?.S);
    if (name === 'UpdateItem' && item) charge(name, itemBytes(item) + itemBytes(values), ':group' in values ? 2 : 1);
    return { Attributes: item };
  };
  return { dynamoDb: { send: send as DynamoDb['send'], disconnect: () => undefined }, writes };
}

/** An event whose item is of this size, about: of Base64, gzip leaves the three quarters that are random. */
function eventOf(id: string, itemSize: number): DeferredEvent {
  const text = JSON.stringify(
    randomBytes(itemSize)
      .toString('base64')
      .slice(0, itemSize - 700),
  );
  return {
    id,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${functionName}`,
    source: 'eventbridge',
    deferredAt: clock.now(),
    text,
    bytes: Buffer.byteLength(text),
    timeoutMs: 29_000,
    windowStartAt: clock.now(),
    windowEndAt: clock.now(),
    windowReason: 'database upgrade CHG-1042',
  };
}

/** Stores and replays an event of this size. */
async function writesOf(itemSize: number): Promise<readonly Write[]> {
  const { dynamoDb, writes } = chargingTable();
  const store = createEventStore({ dynamoDb, table: 'events', functionName, clock });
  await store.put(eventOf('9f1c0a52-6f7e-4d2b-8a51-000000000001', itemSize), clock.now() + 10_000);
  writes.length = 0; // an environment writes its function's row once, not for each event
  const id = '9f1c0a52-6f7e-4d2b-8a51-000000000002';
  await store.put(eventOf(id, itemSize), clock.now() + 10_000);
  const archive = createEventArchive({ dynamoDb, table: 'events', clock, by: 'alice@laptop/3f2a91c0' });
  const claim = await archive.claim({ functionName, id }, ['pending']);
  if (claim?.kind !== 'claim') throw new Error('not claimed');
  await archive.end(claim, { status: 'replayed', result: '{"received":1}' });
  return writes;
}

const unitsOf = (writes: readonly Write[]) => writes.reduce((sum, { table, index }) => sum + table + index, 0);

/** What stands left and right of each equals sign of a text, by a number. */
function sumsIn(text: string): { readonly sum: string; readonly result: string }[] {
  const sums = [...text.matchAll(/((?:[\d,.()]+ [×÷+] )+[\d,.()]+) = ([\d,.]*\d)/g)];
  return sums.map(([, sum = '', result = '']) => ({ sum, result }));
}

/** The value of `10 × (3 + 1) ÷ 2`, twenty. */
function resultOf(sum: string): number {
  const tokens = sum.replaceAll(',', '').match(/[\d.]+|[×÷+()]/g) ?? [];
  const term = (): number => {
    let value = factor();
    while (tokens[0] === '×' || tokens[0] === '÷') value = tokens.shift() === '×' ? value * factor() : value / factor();
    return value;
  };
  const total = (): number => {
    let value = term();
    while (tokens[0] === '+') {
      tokens.shift();
      value += term();
    }
    return value;
  };
  const factor = (): number => {
    if (tokens[0] !== '(') return Number(tokens.shift());
    tokens.shift();
    const value = total();
    tokens.shift();
    return value;
  };
  return total();
}

/** A share in the middle of a stretch, with all that its heartbeat may tell of. */
const SHARE: RunShare = {
  number: 120,
  functionName: 'n'.repeat(40),
  state: 'running',
  counts: { ...noCounts(), replayed: 4_999_999, failed: 99_999 },
  at: clock.now(),
  aliveUntil: clock.now(),
  waiting: { why: 'w'.repeat(150), functionName: 'n'.repeat(40), untilAt: clock.now() },
  progress: {
    group: 7,
    leader: 113,
    stretches: 1_499,
    damaged: 100,
    hasPassedCanary: true,
    uncounted: { by: 'drain-0123abcd/0123abcd', fromAt: clock.now(), counts: { replayed: 12_345, failed: 1_234 } },
  },
};

/** Bytes of the index's row of an event. */
async function rowBytes(event: DeferredEvent): Promise<number> {
  const { event: item } = eventItems(event, await encodeBody(event.text), 'attempt', clock.now());
  const { KeySchema, GlobalSecondaryIndexes } = tableDefinition('');
  const keys = [...KeySchema, ...GlobalSecondaryIndexes.flatMap((index) => index.KeySchema)];
  const names = [
    ...keys.map(({ AttributeName }) => AttributeName),
    ...GlobalSecondaryIndexes.flatMap(({ Projection }) => Projection.NonKeyAttributes),
  ];
  return itemBytes(Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))));
}

/** State transitions of a run: each share has these answers to its stretches, one after the other. */
async function transitionsOf(shares: readonly (readonly (StretchedState | 'cut off')[])[]): Promise<number> {
  const left = shares.map((answers) => [...answers]);
  const ended: EndedExecution[] = [];
  const machine = createMachine({
    definition: drainMachine({ functionArn: 'drain' }),
    async invoke(payload) {
      const { task, share } = payload as { readonly task: string; readonly share: { readonly number: number } };
      if (task === 'begin') return { run: 'r', shares: left.map((_, number) => ({ number, functionName })) };
      const answer = task === 'stretch' ? left[share.number]?.shift() : undefined;
      if (answer === 'cut off') throw new TaskFault('Lambda.Unknown', 'it was killed');
      return { state: answer ?? 'over', untilAt: new Date(0).toISOString() };
    },
    timer: { now: () => 0, sleep: async () => undefined },
    now: clock.now,
    onEnd: (execution) => ended.push(execution),
  });
  await machine.execute('run', { run: 'r' });
  return ended.reduce((sum, { transitions }) => sum + transitions, 0);
}

type StretchedState = 'more' | 'held' | 'over';

describe('the page on costs', () => {
  it('counts the writes of an event of 2 KB as the store and the archive make them', async () => {
    const rows = tableIn(sectionOf(page, '## Inside a window, and at the replay: DynamoDB'));
    const writes = await writesOf(1_700);
    expect(rows.map(([, request, table, index]) => [request, table, index])).toEqual(
      writes.map(({ request, table, index }) => [`\`${request}\``, String(table), String(index)]),
    );
    expect(page).toContain(`Together ${unitsOf(writes)} write units`);
    expect(unitsOf(await writesOf(1_700 + 1_024)) - unitsOf(writes)).toBe(3);
    expect(page).toContain(`above ${(ITEM_LIMIT_BYTES - REPLAY_ROOM_BYTES) / 1_024} KB is stored in parts`);
  });

  it('counts reads of the parameter by the default TTL, shortened by a twentieth on average', () => {
    const anHour = (ttlSeconds: number) => (3_600 / (ttlSeconds * 0.95)).toFixed(1);
    expect(page).toContain(`default of ${SETTINGS.ttlSeconds.default} s that is ${anHour(60)} reads an hour`);
    expect(page).toContain(`with 300 s, ${anHour(300)} reads an hour`);
    expect(page).toContain(`about ${(40 * 60 * 0.95).toLocaleString('en')} busy environments`);
  });

  it('has no sum that does not come out', () => {
    const sums = sumsIn(page);
    expect(sums.length).toBeGreaterThan(20);
    for (const { sum, result } of sums) {
      const digits = result.split('.')[1]?.length ?? 0;
      expect(`${sum} = ${resultOf(sum).toFixed(digits)}`).toBe(`${sum} = ${result.replaceAll(',', '')}`);
    }
  });

  it('adds the example up, with the prices of its own table', () => {
    const rows = tableIn(sectionOf(page, '## A worked example'));
    const dollars = rows.slice(0, -1).map(([, , cell = '']) => Number(cell.split(' = ')[1]));
    const together = dollars.reduce((sum, each) => sum + each, 0);
    expect(rows.at(-1)?.[2]).toBe(`**${together.toFixed(2)}**`);
    const prices = tableIn(page).map(([, price = '']) => price);
    for (const [what, , cell = ''] of rows.slice(0, -1)) {
      expect([what, prices.includes(cell.split(' = ')[0]?.split(' ').at(-1) ?? '')]).toEqual([what, true]);
    }
  });

  it('has the list prices that the benchmark of a drain reckons with', () => {
    const { writeUnit, readUnit, gbSecond, invocation, stateTransition } = LIST_PRICES;
    const prices = tableIn(page).map(([what, price]) => `${what}: ${price}`);
    expect(prices).toEqual(
      expect.arrayContaining([
        `DynamoDB, on demand: ${(writeUnit * 1e6).toFixed(3)}`,
        `DynamoDB, on demand: ${(readUnit * 1e6).toFixed(3)}`,
        `Lambda on ARM, time: ${gbSecond}`,
        `Lambda, requests: ${(invocation * 1e6).toFixed(2)}`,
        `Step Functions, standard workflows: ${(stateTransition * 1e6).toFixed(2)}`,
      ]),
    );
  });

  it('counts a drain’s requests as the archive and the records make them', async () => {
    const [, claim, end] = await writesOf(1_700);
    const { claim: ofClaim, end: ofEnd, heartbeat, rowsOfReadUnit } = DRAIN_UNITS;
    expect([claim, end].map((write) => write && write.table + write.index)).toEqual([ofClaim.write, ofEnd.write]);
    expect(Math.ceil(itemBytes(shareItem('0123abcd', SHARE)) / 1_024)).toBe(heartbeat.write);
    const functions = Array.from({ length: 200 }, (_, index) => `${index}`.padStart(30, 'function-'));
    const facts = { id: '0123abcd', name: 'n'.repeat(40), by: 'monitor', from: FROM_DRAIN, startedAt: clock.now() };
    const run = { ...facts, selection: { functions, untilAt: clock.now() }, plan: runPlanOf(PLAN) };
    expect(Math.ceil(itemBytes(runItem(run, 207, 0, clock.now())) / 4_096)).toBe(heartbeat.read);
    const rowsOfPage = 4_096 / (await rowBytes(eventOf('9f1c0a52-6f7e-4d2b-8a51-000000000003', 1_700)));
    // Order keys and long names make it more.
    expect(Math.floor(rowsOfPage) * 2).toBeGreaterThan(rowsOfReadUnit);
    expect(page).toContain(`at least ${rowsOfReadUnit / 2} events`);
  });

  it('counts state transitions as the machine makes them', async () => {
    const [shares, stretches, waits, retries] = [2, 6, 1, 1];
    const made = await transitionsOf([
      ['more', 'more', 'over'],
      ['cut off', 'held', 'over'],
    ]);
    expect(made).toBe(3 + shares * 2 + (stretches - retries) * 2 + waits + retries);
    expect(sectionOf(page, '## Drain').replaceAll('\n', ' ')).toContain(
      'Three for a run, two for each share, two for each stretch, one for each wait and for each retry',
    );
  });

  it('reckons with the drain as it is deployed', () => {
    const text = sectionOf(page, '## Drain').replaceAll('\n', ' ');
    expect(text).toContain(`one function of ${DRAIN_MEMORY_MB} MB`);
    expect(text).toContain(`stretch of ${DRAIN_TIMEOUT_SECONDS / 60} minutes`);
    expect(text).toContain(`heartbeat each ${HEARTBEAT_MS / 1_000} s`);
  });
});
