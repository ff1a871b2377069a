import { REFRESH_LIMIT_MS } from '../../core/gate/freshness.ts';
import type { Log, WindowSource } from '../../core/gate/ports.ts';
import { ADVANCED_TIER_BYTES, MAX_PARAMETERS } from '../../core/windows/parameter-limits.ts';
import { withinLimit } from '../time/time-limit.ts';
import type { ParameterText, ParameterTexts } from './parameter-reader.ts';
import { createWindowDocuments } from './window-documents.ts';
import type { WindowKeeper, WindowKeeperParts } from './window-keeper.ts';

/**
 * One reading of the windows for all threads of a process: one thread reads the parameters, the others follow it.
 *
 * A follower asks when its reading is old. The reader reads once for all that ask, and writes down what it has. So a
 * parameter is read once per time to live and process however many threads there are, a failed read counts once, and a
 * thread that dies takes nothing away from the others: no follower ever holds anything that another one waits for.
 *
 * It goes through memory and not through messages, because the first message event makes Node load undici in that
 * thread, which takes its time and leaves traces that the handler can see.
 */
export type SharedWindows = SharedArrayBuffer;

/** The words at the start. Both count reads: the one that is written down, 0 being none, and the newest that is old to somebody. */
const VERSION = 0;
const ASKED = 1;
/** 1 while a window is active, as far as anybody noticed. */
const UNDER_MAINTENANCE = 2;
const HEAD_BYTES = 16;

/**
 * What is written down lies in one of two slots, by turns: a slot is written again two reads later, half a second at
 * least, so that whoever copies it finds it unchanged, or finds that the version has moved on.
 */
/** Up to six bytes in JSON for each of a text's; what is left of eight is for names. */
const SLOT_BYTES = MAX_PARAMETERS * ADVANCED_TIER_BYTES * 8;
const STALE_AT = 0;
const LENGTH = 8;
const TEXTS = 16;

/** Time for the first read, 5 s, and for writing it down. */
const START_MS = 6_000;

/** Makes the memory, nothing written down yet. Untouched pages of it cost nothing. */
export function createSharedWindows(): SharedWindows {
  return new SharedArrayBuffer(HEAD_BYTES + 2 * SLOT_BYTES);
}

/** Reads for every following thread, beginning with the keeper's first read. Does not keep the event loop alive. */
export async function shareWindows(shared: SharedWindows, keeper: WindowKeeper): Promise<never> {
  const words = new Int32Array(shared, 0, HEAD_BYTES / 4);
  let version = 0;
  for (let read = keeper.start(); ; read = keeper.refresh()) {
    await read;
    version += 1;
    writeDown(shared, version, keeper);
    Atomics.store(words, VERSION, version);
    Atomics.notify(words, VERSION);
    await reaches(words, ASKED, version);
  }
}

/** Parts of a follower. */
export type FollowerParts = Omit<WindowKeeperParts, 'reader'>;

/** Windows from the reading thread. Does not keep the event loop alive unless awaited. */
export function followWindows(
  shared: SharedWindows,
  { config, functionName, clock, log }: FollowerParts,
): WindowSource {
  const words = new Int32Array(shared, 0, HEAD_BYTES / 4);
  const { parameters: names, onError } = config;
  const documents = createWindowDocuments({ names, functionName, clock, onError });
  let version = 0;
  let followedAt = clock.now();
  let staleAt = followedAt;
  let underWay: Promise<void> | undefined;

  return {
    get reading() {
      return documents.reading;
    },
    get staleAt() {
      const setBack = clock.now() < followedAt;
      return setBack ? Number.NEGATIVE_INFINITY : staleAt;
    },
    start: () => shareOne(START_MS),
    refresh: () => shareOne(REFRESH_LIMIT_MS),
  };

  function shareOne(limitMs: number): Promise<void> {
    underWay ??= follow(limitMs).finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  async function follow(limitMs: number): Promise<void> {
    // Another thread may have had them read a moment ago, or so long ago that this is old, too.
    if ((await takesOver()) && clock.now() < staleAt) return;
    raise(words, ASKED, version);
    await withinLimit(reaches(words, VERSION, version + 1), limitMs, () => undefined);
    await takesOver();
  }

  /** @returns whether something was written down that this thread did not have */
  async function takesOver(): Promise<boolean> {
    const written = readWritten(shared, words);
    if (written.version === version) return false;
    try {
      await documents.adopt(written.texts());
    } catch (error) {
      log.write({ kind: 'fault', cause: String(error) });
    }
    ({ version, staleAt } = written);
    followedAt = clock.now();
    return true;
  }
}

/** The log of one thread among several: that a window began or ended is one line for all of them. */
export function shareLog(shared: SharedWindows, log: Log): Log {
  const words = new Int32Array(shared, 0, HEAD_BYTES / 4);
  return {
    write(entry) {
      if (entry.kind !== 'window-began' && entry.kind !== 'window-ended') return log.write(entry);
      const now = entry.kind === 'window-began' ? 1 : 0;
      if (Atomics.exchange(words, UNDER_MAINTENANCE, now) !== now) log.write(entry);
    },
  };
}

function writeDown(shared: SharedWindows, version: number, { texts, staleAt }: WindowKeeper): void {
  const slot = slotOf(shared, version);
  slot.setFloat64(STALE_AT, staleAt);
  slot.setInt32(LENGTH, bytesOf(slot).write(JSON.stringify([...texts])));
}

/** What is written down now. The texts are parsed when they are asked for. */
function readWritten(
  shared: SharedWindows,
  words: Int32Array,
): { readonly version: number; readonly staleAt: number; texts(): ParameterTexts } {
  for (;;) {
    const version = Atomics.load(words, VERSION);
    const slot = slotOf(shared, version);
    const staleAt = slot.getFloat64(STALE_AT);
    const json = bytesOf(slot).toString('utf8', 0, slot.getInt32(LENGTH));
    if (Atomics.load(words, VERSION) !== version) continue;
    // JSON has no `undefined`: it makes `null` of a parameter that does not exist.
    const parsed = (): [string, ParameterText | null][] => JSON.parse(json);
    return { version, staleAt, texts: () => new Map(parsed().map(([name, read]) => [name, read ?? undefined])) };
  }
}

function slotOf(shared: SharedWindows, version: number): DataView {
  return new DataView(shared, HEAD_BYTES + (version % 2) * SLOT_BYTES, SLOT_BYTES);
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): Buffer {
  return Buffer.from(buffer, byteOffset + TEXTS, byteLength - TEXTS);
}

/** Resolves once the word is `value` or more, which may be never. */
async function reaches(words: Int32Array, word: number, value: number): Promise<void> {
  for (let found = Atomics.load(words, word); found < value; found = Atomics.load(words, word)) {
    await Atomics.waitAsync(words, word, found).value;
  }
}

/** Makes the word `value` unless it is more, and wakes who waits for it. */
function raise(words: Int32Array, word: number, value: number): void {
  for (let found = Atomics.load(words, word); found < value; found = Atomics.load(words, word)) {
    if (Atomics.compareExchange(words, word, found, value) === found) Atomics.notify(words, word);
  }
}
