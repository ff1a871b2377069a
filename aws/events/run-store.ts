import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { OPEN_RUNS_GROUP, RUNS_GROUP, runIdIn, runKey, runShareKey, TTL_ATTRIBUTE } from '../../core/events/table.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { ReplayCounts } from '../../core/replay/progress/news.ts';
import type { RunAndShare, RunOrders, RunPage, RunStore, Wished } from '../../core/runs/ports.ts';
import {
  FINAL_SHARE_STATES,
  isFinal,
  type KeptEnd,
  type KeptRun,
  type ReplayRun,
  type RunFacts,
  type RunShare,
  type RunWishes,
  runAt,
} from '../../core/runs/run.ts';
import type { DynamoDb, Item } from '../dynamodb/dynamodb.ts';
import { conditionFailure } from '../dynamodb/dynamodb-fault.ts';
import type { Attempt } from '../time/until-deadline.ts';
import { inTime, newestFirst, newestKeys, recordsOf } from './records.ts';
import {
  countsAttribute,
  endAttributes,
  instantAttribute,
  leftAttributes,
  RUN_KEPT_SECONDS,
  readOrders,
  readRun,
  readShare,
  runExpiry,
  runItem,
  SHARE_ATTRIBUTES,
  shareItem,
  wishAttributes,
} from './run-item.ts';

/** A run that is under way for long keeps its item, at one write in ten days. */
const KEPT_AGAIN_SECONDS = RUN_KEPT_SECONDS - 10 * 86_400;

const IS_UNDER_WAY = 'attribute_exists(pk) AND attribute_not_exists(endStatus)';

export interface RunStoreParts {
  readonly dynamoDb: DynamoDb;
  readonly table: string;
  readonly clock: Clock;
}

/** The records of replays. Faults of the table are thrown as {@link DynamoDb} has them. */
export function createRunStore({ dynamoDb, table, clock }: RunStoreParts): RunStore {
  return {
    create,
    begun,
    read,
    share,
    findBeginning,
    list,
    openIds,
    idsSince,
    readAll,
    beat,
    take,
    wish,
    end,
    recount,
  };

  async function create(run: RunFacts, shareCount: number, aliveUntil: number): Promise<boolean> {
    const item = runItem(run, shareCount, aliveUntil, clock.now());
    const input = { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
    return inTime(async (attempt) => {
      const isMade = await unlessMoved(attempt((signal) => dynamoDb.send('PutItem', input, signal)));
      if (isMade) return true;
      // Our own, whose answer was lost, or somebody else's.
      return (await getItem(attempt, runKey(run.id)))?.['run']?.S === item['run']?.S;
    });
  }

  async function begun(
    id: string,
    { shareCount, aliveUntil, execution, left }: Parameters<RunStore['begun']>[1],
  ): Promise<'begun' | 'gone'> {
    const values = {
      shareCount: { N: String(shareCount) },
      aliveUntil: instantAttribute(aliveUntil),
      ...(execution !== undefined && { execution: { S: execution } }),
      ...(left && leftAttributes(left)),
      [TTL_ATTRIBUTE]: runExpiry(clock.now()),
    };
    const item = await inTime((attempt) => update(attempt, runKey(id), setting(values), IS_UNDER_WAY));
    return item ? 'begun' : 'gone';
  }

  async function read(id: string): Promise<ReplayRun | undefined> {
    const item = await inTime((attempt) => getItem(attempt, runKey(id)));
    const bare = item && readRun(item, []);
    return bare && (await withShares([bare])).get(bare.id);
  }

  async function share(id: string, number: number): Promise<RunAndShare | undefined> {
    return inTime(async (attempt) => {
      const [item, own] = await Promise.all([getItem(attempt, runKey(id)), getItem(attempt, runShareKey(id, number))]);
      const kept = item && readRun(item, []);
      const orders = item && readOrders(item);
      if (!kept || !orders) return undefined;
      const { wishes: _, shares: __, shareCount: ___, aliveUntil: ____, end: _____, ...facts } = kept;
      const found = own && readShare(own, number);
      return { facts, orders, ...(found && { share: found }) };
    });
  }

  /** These runs by their ids, with their shares: those of all of them are read together. */
  async function withShares(runs: readonly KeptRun[]): Promise<ReadonlyMap<string, ReplayRun>> {
    const places = new Map<string, { readonly number: number; readonly shares: RunShare[] }>();
    const all = runs.map((run) => {
      const shares: RunShare[] = [];
      for (let number = 0; number < run.shareCount; number += 1)
        places.set(runShareKey(run.id, number), { number, shares });
      return { ...run, shares };
    });
    for await (const item of items([...places.keys()])) {
      const place = places.get(item['pk']?.S ?? '');
      const share = place && readShare(item, place.number);
      if (share) place.shares.push(share);
    }
    for (const { shares } of all) shares.sort((a, b) => a.number - b.number);
    return new Map(all.map((run) => [run.id, runAt(run, clock.now())]));
  }

  async function list({ limit }: { readonly limit: number }): Promise<RunPage> {
    return readAll(await firstOf(newestIds(), limit));
  }

  async function openIds({ limit }: { readonly limit: number }): Promise<readonly string[]> {
    return firstOf(idsIn(OPEN_RUNS_GROUP), limit);
  }

  async function idsSince(at: number, { limit }: { readonly limit: number }): Promise<readonly string[]> {
    return firstOf(newestIds('', at), limit);
  }

  async function readAll(ids: readonly string[]): Promise<RunPage> {
    const keys = ids.map(runKey);
    const found = new Map<string, Item>();
    for await (const item of items(keys)) found.set(item['pk']?.S ?? '', item);
    const bare: KeptRun[] = [];
    const unreadable: string[] = [];
    for (const key of keys) {
      const item = found.get(key);
      if (!item) continue; // it has expired since
      const run = readRun(item, []);
      if (run) bare.push(run);
      else unreadable.push(runIdIn(key) ?? '');
    }
    const open = await withShares(bare.filter(({ end }) => !end));
    return { runs: bare.map((run) => open.get(run.id) ?? runAt(run, clock.now())), unreadable };
  }

  async function findBeginning(prefix: string): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const id of newestIds(prefix)) found.push(id);
    return found;
  }

  /** Of those that have ended and those that have not. One that ends now may be in both groups for a moment. */
  async function* newestIds(prefix = '', fromAt = 0): AsyncGenerator<string> {
    const groups = [OPEN_RUNS_GROUP, RUNS_GROUP].map((group) => {
      return newestKeys(dynamoDb, table, group, runKey(prefix), fromAt);
    });
    const seen = new Set<string>();
    for await (const { key } of newestFirst(groups)) {
      const id = runIdIn(key);
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      yield id;
    }
  }

  async function* idsIn(group: string): AsyncGenerator<string> {
    for await (const { key } of newestKeys(dynamoDb, table, group, runKey(''))) {
      const id = runIdIn(key);
      if (id !== undefined) yield id;
    }
  }

  async function beat(id: string, share: RunShare): Promise<RunOrders | 'gone' | 'taken'> {
    return inTime(async (attempt) => {
      const told = tell(attempt, id, share);
      // Whoever resumes it looks whether it is paused: heard first, and told late, it would be nobody's.
      if (share.state === 'paused' || (share.hand !== undefined && isFinal(share.state))) await told;
      if (share.hand !== undefined && isFinal(share.state) && !(await told) && (await isTaken(attempt, id, share)))
        return 'taken';
      const [run, isTold] = await Promise.all([
        isFinal(share.state) ? shareOver(attempt, id, share.number) : getItem(attempt, runKey(id)),
        told,
      ]);
      if (!isTold && (await isTaken(attempt, id, share))) return 'taken';
      const orders = run && readOrders(run);
      if (!orders) return 'gone';
      const now = clock.now();
      if (Number(run[TTL_ATTRIBUTE]?.N ?? 0) < now / 1_000 + KEPT_AGAIN_SECONDS) {
        await update(attempt, runKey(id), setting({ [TTL_ATTRIBUTE]: runExpiry(now) }), 'attribute_exists(pk)');
      }
      return orders;
    });
  }

  /** A set knows its members: a write that is done twice counts once. */
  function shareOver(attempt: Attempt, id: string, number: number): Promise<Item | undefined> {
    const change = {
      UpdateExpression: 'ADD sharesOver :number',
      ExpressionAttributeValues: { ':number': { NS: [String(number)] } },
    };
    return update(attempt, runKey(id), change, 'attribute_exists(pk)');
  }

  /**
   * Nobody is told that a share has gone on where it is over already, or that it is as it was before, or by whom it was taken.
   *
   * @returns whether it is told
   */
  async function tell(attempt: Attempt, id: string, share: RunShare): Promise<boolean> {
    const { pk: _, ...values } = shareItem(id, share);
    const isNews = `toldAt <= :toldAt AND ${IS_NOT_FINAL}`;
    const isOurs = ['attribute_not_exists(hand)', 'hand = :hand'].map((hand) => `${isNews} AND ${hand}`);
    const conditions = ['attribute_not_exists(pk)', ...(share.hand === undefined ? [isNews] : isOurs)];
    return (
      (await update(attempt, runShareKey(id, share.number), shareChange(values), conditions.join(' OR '))) !== undefined
    );
  }

  async function take(
    id: string,
    share: RunShare & { readonly hand: string },
    seen: string | undefined,
  ): Promise<boolean> {
    const { pk: _, ...values } = shareItem(id, share);
    const change = shareChange(values);
    const isAsSeen = seen === undefined ? 'attribute_not_exists(hand)' : 'hand = :seen';
    const seenValue: Item = seen === undefined ? {} : { ':seen': { S: seen } };
    const all = { ...change, ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...seenValue } };
    const condition = `attribute_not_exists(pk) OR ${isAsSeen} AND ${IS_NOT_FINAL}`;
    return inTime(async (attempt) => {
      const key = runShareKey(id, share.number);
      if (await update(attempt, key, all, condition)) return true;
      // Our own, whose answer was lost.
      return (await getItem(attempt, key))?.['hand']?.S === share.hand;
    });
  }

  async function isTaken(attempt: Attempt, id: string, { number, hand }: RunShare): Promise<boolean> {
    if (hand === undefined) return false;
    const now = (await getItem(attempt, runShareKey(id, number)))?.['hand']?.S;
    return now !== undefined && now !== hand;
  }

  async function wish(id: string, wishes: Partial<RunWishes>): Promise<Wished> {
    const { wanted } = wishes;
    const change = setting({ ...wishAttributes(wishes), [TTL_ATTRIBUTE]: runExpiry(clock.now()) });
    const stopped: Item = wanted === 'stopped' ? {} : { ':stopped': { S: 'stopped' } };
    const all = { ...change, ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...stopped } };
    const isOpen = wanted === 'stopped' ? IS_UNDER_WAY : `${IS_UNDER_WAY} AND NOT wanted = :stopped`;
    return inTime(async (attempt) => {
      if (await update(attempt, runKey(id), all, isOpen)) return 'wished';
      const item = await getItem(attempt, runKey(id));
      if (!item) return 'gone';
      return item['endStatus'] === undefined ? 'stopping' : 'ended';
    });
  }

  async function end(id: string, how: Omit<KeptEnd, 'at'>): Promise<boolean> {
    const values = endAttributes({ ...how, at: clock.now() });
    return inTime(async (attempt) => {
      const change = setting({ ...values, [TTL_ATTRIBUTE]: runExpiry(clock.now()) });
      if (await update(attempt, runKey(id), change, IS_UNDER_WAY)) return true;
      // Our own, whose answer was lost.
      const after = await getItem(attempt, runKey(id));
      return Object.entries(values).every(([name, value]) => JSON.stringify(after?.[name]) === JSON.stringify(value));
    });
  }

  async function recount(id: string, counts: ReplayCounts): Promise<boolean> {
    const change = setting(countsAttribute(counts));
    return inTime(
      async (attempt) => (await update(attempt, runKey(id), change, 'attribute_exists(endStatus)')) !== undefined,
    );
  }

  /** @returns the item as it is then; undefined where the condition did not hold */
  async function update(attempt: Attempt, key: string, change: Change, condition: string): Promise<Item | undefined> {
    const input = {
      TableName: table,
      Key: { pk: { S: key } },
      ...change,
      ConditionExpression: condition,
      ReturnValues: 'ALL_NEW',
    } as const;
    const answer = await unlessMoved(attempt((signal) => dynamoDb.send('UpdateItem', input, signal)));
    return answer && (answer.Attributes ?? {});
  }

  async function getItem(attempt: Attempt, key: string): Promise<Item | undefined> {
    const input = { TableName: table, Key: { pk: { S: key } }, ConsistentRead: true };
    return (await attempt((signal) => dynamoDb.send('GetItem', input, signal))).Item;
  }

  function items(keys: readonly string[]): AsyncGenerator<Item> {
    return recordsOf(dynamoDb, table, keys);
  }
}

const FINALS: Item = Object.fromEntries(FINAL_SHARE_STATES.map((state) => [`:${state}`, { S: state }]));
const IS_NOT_FINAL = `NOT #state IN (${Object.keys(FINALS).join(', ')})`;

/** Tells a share, under a condition that may ask whether it is final. */
function shareChange(values: Item): Change & { readonly ExpressionAttributeValues: Item } {
  const change = setting(values, SHARE_ATTRIBUTES);
  return { ...change, ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ...FINALS } };
}

/** The first of these, and no more of them read than that takes. */
async function firstOf(ids: AsyncGenerator<string>, limit: number): Promise<readonly string[]> {
  const first: string[] = [];
  for await (const id of ids) {
    if (first.length >= limit) break;
    first.push(id);
  }
  return first;
}

type Change = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/**
 * Sets these attributes.
 *
 * @param all of these names are taken away where they have no value
 */
function setting(values: Item, all: readonly string[] = []): Change & { readonly ExpressionAttributeValues: Item } {
  const names = Object.keys(values);
  const gone = all.filter((name) => !names.includes(name));
  const set = `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`;
  const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
  return {
    UpdateExpression: set + remove,
    ExpressionAttributeNames: Object.fromEntries([...names, ...gone].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, values[name] ?? { NULL: true }])),
  };
}

async function unlessMoved<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (fault) {
    if (conditionFailure(fault)) return undefined;
    throw fault;
  }
}
