import { hash } from 'node:crypto';
import { type EventIdentity, eventKey } from '../../core/events/table.ts';

/** Events that were seen once: what is read again later can be told from them. 40 bytes each. */
export interface SeenEvents {
  add(event: EventIdentity): void;
  has(event: EventIdentity): boolean;
  /**
   * What these events have, and no others: how many they are, and a digest of their keys, whatever their order. `5-3f2a91c0b7d4`.
   */
  fingerprint(): string;
}

const DIGITS = 12;
/** A set of JavaScript takes 16 million. */
const SHARDS = 64;

export function createSeenEvents(): SeenEvents {
  const shards = Array.from({ length: SHARDS }, () => new Set<number>());
  let sum = 0;
  let events = 0;
  return {
    add(event) {
      const digest = digestOf(event);
      shards[digest % SHARDS]?.add(digest);
      sum = (sum + digest) % 16 ** DIGITS;
      events += 1;
    },
    has(event) {
      const digest = digestOf(event);
      return shards[digest % SHARDS]?.has(digest) ?? false;
    },
    fingerprint: () => `${events}-${sum.toString(16).padStart(DIGITS, '0')}`,
  };
}

/** Whether a text can be a fingerprint. */
export function isFingerprint(text: string): boolean {
  return /^\d{1,9}-[0-9a-f]{12}$/.test(text);
}

/** How many events one is of. */
export function eventsOfFingerprint(fingerprint: string): number {
  return Number.parseInt(fingerprint, 10);
}

function digestOf(event: EventIdentity): number {
  return Number.parseInt(hash('sha256', eventKey(event)).slice(0, DIGITS), 16);
}
