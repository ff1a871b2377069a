import { KEYS_LIMIT_BYTES, type OrderKey, scopeAndLane, WHOLE_SOURCE } from '../../core/sources/record-order.ts';
import type { Item } from '../dynamodb/dynamodb.ts';

/**
 * An event's order keys as attributes of its item: in `orderKeys`, which the index has, too, a line for a scope and one,
 * with its `#`, for each lane of it; their sequences, a line for each key, in `orderSequences`, which the index has not.
 */
export function orderAttributes(keys: readonly OrderKey[]): Item {
  const lines: string[] = [];
  let before: string | undefined;
  for (const { key } of keys) {
    const [scope, lane] = scopeAndLane(key);
    if (scope !== before) lines.push(scope);
    if (lane !== undefined) lines.push(`#${lane}`);
    before = scope;
  }
  const isNumbered = keys.some(({ sequence }) => sequence !== undefined);
  return {
    orderKeys: { S: lines.join('\n') },
    ...(isNumbered && { orderSequences: { S: keys.map(({ sequence = '' }) => sequence).join('\n') } }),
  };
}

/**
 * Reads the order keys of an item, with their sequences where it has them. What cannot be read is {@link WHOLE_SOURCE}:
 * an event that has a place in an order must not lose it.
 */
export function orderKeysIn(item: Item): readonly OrderKey[] | undefined {
  const attribute = item['orderKeys'];
  if (!attribute) return undefined;
  const { S: text } = attribute;
  if (!text || text.length > KEYS_LIMIT_BYTES) return [WHOLE_SOURCE];
  const sequences = item['orderSequences']?.S?.split('\n') ?? [];
  return keysIn(text.split('\n')).map((key, index) => {
    const sequence = sequences[index] ?? '';
    return sequence === '' ? { key } : { key, sequence };
  });
}

/** A scope that has lanes is no key itself. */
function keysIn(lines: readonly string[]): string[] {
  let scope = '';
  return lines.flatMap((line, index) => {
    if (line.startsWith('#')) return [`${scope}${line}`];
    scope = line;
    return lines[index + 1]?.startsWith('#') ? [] : [line];
  });
}
