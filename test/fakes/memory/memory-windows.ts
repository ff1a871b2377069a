import { createCalendar } from '../../../core/calendar/calendar.ts';
import type { Clock, Log, Reading, WindowSource } from '../../../core/gate/ports.ts';
import { mergePolicies, NO_POLICY } from '../../../core/sources/policy.ts';
import { parseWindows, type WindowDocument } from '../../../core/windows/window.ts';

/** A window source without SSM: the texts of its parameters are in memory, and a test changes them. */
export interface MemoryWindows extends WindowSource {
  /** Puts a parameter. Seen by the next read. */
  put(text: string, name?: string, editedAt?: number): void;
  remove(name?: string): void;
  /** How often it has been read. */
  readonly reads: number;
}

interface MemoryWindowsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly parameters?: readonly string[];
  readonly functionName?: string;
  readonly ttlSeconds?: number;
  readonly onError?: 'dispatch' | 'defer';
}

const DEFAULT_NAME = 'maintenance-window';
const BACKOFF_MS = 1_000;

/** Makes one. It passes the contract suite of window sources, `test/contract/windows/window-source.ts`. */
export function createMemoryWindows({
  clock,
  log,
  parameters = [DEFAULT_NAME],
  functionName = 'orders',
  ttlSeconds = 60,
  onError = 'dispatch',
}: MemoryWindowsParts): MemoryWindows {
  const texts = new Map<string, { readonly text: string; readonly editedAt: number }>();
  const documents = new Map<string, (WindowDocument & { readonly editedAt: number }) | 'missing'>();
  const startedAt = clock.now();
  let reading = standIn();
  let seen = '';
  let reads = 0;
  let failures = 0;
  let readAt = startedAt;
  let staleAt = startedAt;
  let reader: Promise<void> | undefined;

  return {
    put: (text, name = DEFAULT_NAME, editedAt = clock.now()) => void texts.set(name, { text, editedAt }),
    remove: (name = DEFAULT_NAME) => void texts.delete(name),
    get reads() {
      return reads;
    },
    get reading() {
      return reading;
    },
    get staleAt() {
      return clock.now() < readAt ? Number.NEGATIVE_INFINITY : staleAt;
    },
    start: readOnce,
    refresh: readOnce,
  };

  function readOnce(): Promise<void> {
    reader ??= read().finally(() => {
      reader = undefined;
    });
    return reader;
  }

  async function read(): Promise<void> {
    reads += 1;
    const causes = parameters.flatMap((name) => readOne(name) ?? []);
    const now = JSON.stringify(parameters.map((name) => documents.get(name)));
    if (now !== seen) reading = await unite();
    seen = now;
    readAt = clock.now();
    failures = causes.length > 0 ? failures + 1 : 0;
    staleAt = readAt + (failures > 0 ? BACKOFF_MS : ttlSeconds * 1_000);
    if (failures === 0) return;
    const entry = { kind: 'window-read-failed', parameters, cause: causes.join('; '), effect: 'in memory' } as const;
    log.write({ ...entry, firstOfStreak: failures === 1 });
  }

  /** @returns why this parameter keeps what it had */
  function readOne(name: string): string | undefined {
    const put = texts.get(name);
    if (!put) {
      const before = documents.get(name);
      if (before) return before === 'missing' ? undefined : `${name} is gone`;
      documents.set(name, 'missing');
      log.write({ kind: 'window-missing', parameters: [name] });
      return undefined;
    }
    const parsed = parseWindows(put.text);
    if (parsed.kind === 'fault') return `${name}: ${parsed.message}`;
    documents.set(name, { ...parsed.document, editedAt: put.editedAt });
    return undefined;
  }

  async function unite(): Promise<Reading> {
    const known = parameters.flatMap((name) => documents.get(name) ?? []).filter((one) => one !== 'missing');
    const calendar = await createCalendar(
      known.flatMap(({ windows }) => windows),
      functionName,
    );
    const isComplete = documents.size === parameters.length;
    const { stateAt } = onError === 'defer' && !isComplete ? standIn() : calendar;
    const leastAt = onError === 'defer' ? Number.POSITIVE_INFINITY : isComplete ? Number.NEGATIVE_INFINITY : startedAt;
    const editedAt = Math.max(leastAt, ...known.map((document) => document.editedAt));
    return { stateAt, policy: mergePolicies(known.map(({ policy }) => policy)), editedAt };
  }

  function standIn(): Reading {
    const active = onError === 'defer' ? { active: { startAt: startedAt } } : {};
    const always = { validFrom: Number.NEGATIVE_INFINITY, validUntil: Number.POSITIVE_INFINITY };
    const stateAt = () => ({ ...always, ...active, lastEndAt: Number.NEGATIVE_INFINITY });
    return { stateAt, policy: NO_POLICY, editedAt: onError === 'defer' ? Number.POSITIVE_INFINITY : startedAt };
  }
}
