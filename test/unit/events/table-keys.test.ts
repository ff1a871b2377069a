import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKey, functionKey, isEventId, parseKey, partKeys } from '../../../core/events/table.ts';

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/).filter((text) => text !== 'function');
const hash = fc.stringMatching(/^[0-9a-f]{16}$/);

describe('partition keys', () => {
  it('begin with the function’s name, whatever they name: what its role may write is told by that', () => {
    fc.assert(
      fc.property(name, id, hash, fc.integer({ min: 1, max: 20 }), (functionName, eventId, partsHash, parts) => {
        const event = { functionName, id: eventId };
        for (const key of [eventKey(event), functionKey(functionName), ...partKeys(event, partsHash, parts)]) {
          expect(key.startsWith(`${functionName}#`)).toBe(true);
        }
      }),
    );
  });

  it('read as what they were written for, and as nothing else', () => {
    fc.assert(
      fc.property(name, id, hash, fc.integer({ min: 1, max: 20 }), (functionName, eventId, partsHash, parts) => {
        const event = { functionName, id: eventId };
        expect(parseKey(eventKey(event))).toEqual({ kind: 'event', ...event });
        expect(parseKey(functionKey(functionName))).toEqual({ kind: 'function', functionName });
        for (const key of partKeys(event, partsHash, parts)) {
          expect(parseKey(key)).toEqual({ kind: 'part', ...event, partsHash });
        }
      }),
    );
  });

  it('that parse are those of the names in them: no two readings of one key', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '#', 'function', '0123456789abcdef', '0001', '.', '\n') }),
        (text) => {
          const key = parseKey(text);
          if (key?.kind === 'event') expect(eventKey(key)).toBe(text);
          if (key?.kind === 'function') expect(functionKey(key.functionName)).toBe(text);
          if (key?.kind === 'part') expect(text.startsWith(`${eventKey(key)}#${key.partsHash}#`)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    '',
    '#',
    '#parts',
    '#orders#a',
    'orders',
    'orders#',
    'orders#a#b',
    'orders#a#0123456789abcdef',
    'orders#a#0123456789ABCDEF#0001',
    'orders#a#0123456789abcdef#1',
    'orders#function#0123456789abcdef#0001',
    'orders#a b',
    "orders#a'; rm -rf ~ #",
    'orders#-rf',
    'orders#a\n',
    '\norders#a',
    'orders#\u001b[2J',
    'orders#á',
    'or ders#a',
    `${'f'.repeat(65)}#a`,
    `orders#${'a'.repeat(129)}`,
  ])('that no function of ours writes are none: %j', (text) => {
    expect(parseKey(text)).toBeUndefined();
  });

  it('take the ids that Lambda gives, and those of the rests of a batch', () => {
    for (const text of ['8476a536-e9f4-11e8-9739-2dfe598c3fcd', '8476a536-e9f4-11e8-9739-2dfe598c3fcd.12']) {
      expect(isEventId(text)).toBe(true);
    }
    expect(isEventId('function')).toBe(false);
    expect(isEventId('a#0123456789abcdef#0001')).toBe(false);
  });
});
