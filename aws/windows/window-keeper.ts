import type { Config } from '../../core/gate/config.ts';
import { keptForMs, REFRESH_LIMIT_MS } from '../../core/gate/freshness.ts';
import type { Clock, Log, WindowSource } from '../../core/gate/ports.ts';
import { monotonicMs, withinLimit } from '../time/time-limit.ts';
import type { ParameterReader, ParameterTexts } from './parameter-reader.ts';
import { createWindowReads, type FailedRead, type Gathered } from './read-windows.ts';
import { createWindowDocuments } from './window-documents.ts';

/** Upper bound for the first read. INIT has 10 s for this, the client and the handler. */
const FIRST_READ_MS = 5_000;
/** What is left of that at least once something waits for it: loading a handler may have taken all of the time. */
const FIRST_READ_AWAITED_MS = 2_000;
const FIRST_READ_ATTEMPT_MS = 1_500;
/** Upper bound for waiting until the first request is written, before the handler is loaded. */
const WRITTEN_MS = 300;

/** What a refresh spends on reading: what was read still has to be parsed. */
const REFRESH_READ_MS = REFRESH_LIMIT_MS - 150;

/** Backoff after failed reads: up to 1, 2, 4, … 60 s, so that SSM's absence costs a second now and then. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/**
 * Idle time after which a new connection is made: NAT gateways and interface endpoints forget one after 350 s of
 * silence, and tell neither end.
 */
const MAX_IDLE_MS = 300_000;

/** Parts of a window keeper. */
export interface WindowKeeperParts {
  readonly reader: ParameterReader;
  readonly config: Config;
  readonly functionName: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A window source whose first read has begun. */
export interface WindowKeeper extends WindowSource {
  /** Resolves once the first request goes out without this thread, or will not soon. Never rejects. */
  readonly written: Promise<void>;
  /** Last good text of each parameter, which the reading was made from. */
  readonly texts: ParameterTexts;
}

/**
 * The windows of an environment, read again when they are old. Making it begins the first read at once.
 *
 * - The first read tries again after throttling, faults of the service and of the connection: with full jitter, for 5 s.
 * - A refresh tries once, and once more where the connection broke, which is how a kept connection shows that it is
 *   dead. While nothing is known it tries again like the first read.
 * - Each parameter stands or falls by itself, also where SSM denies them all for one of them. Each keeps its last good
 *   document; `onError` says what stands in where one never had any.
 * - A failed read is one log entry, the first of a streak marked so. The next one waits for up to 1, 2, 4, … 60 s; where
 *   SSM answered, and what it holds is at fault, for no longer than the time to live.
 *
 * Ages are taken by `clock`, limits by the monotonic clock. So neither a freeze nor a clock that is set back makes a
 * reading last for ever, or holds an invocation for more than a second.
 */
export function createWindowKeeper({ reader, config, functionName, clock, log }: WindowKeeperParts): WindowKeeper {
  const { parameters, ttlSeconds } = config;
  const documents = createWindowDocuments({ names: parameters, functionName, clock, onError: config.onError });
  let failedReads = 0;
  let readAt = clock.now();
  let staleAt = readAt;

  const reads = createWindowReads(reader, parameters, clock);
  let firstReadEndsAt = monotonicMs() + FIRST_READ_MS;
  const firstCall = reader.read(parameters);
  const firstRead = keep(
    reads.read({ endsAt: () => firstReadEndsAt, attemptMs: FIRST_READ_ATTEMPT_MS, isWorthAnotherTry }, firstCall),
  );
  let underWay: Promise<void> | undefined = firstRead.finally(settled);

  return {
    written: withinLimit(firstCall.written, WRITTEN_MS, () => undefined),
    get reading() {
      return documents.reading;
    },
    get texts() {
      return documents.texts;
    },
    get staleAt() {
      const setBack = clock.now() < readAt;
      return setBack ? Number.NEGATIVE_INFINITY : staleAt;
    },
    start() {
      firstReadEndsAt = Math.max(firstReadEndsAt, monotonicMs() + FIRST_READ_AWAITED_MS);
      return firstRead;
    },
    refresh() {
      underWay ??= refreshOnce().finally(settled);
      return withinLimit(underWay, REFRESH_LIMIT_MS, () => undefined);
    },
  };

  function settled(): void {
    underWay = undefined;
  }

  function refreshOnce(): Promise<void> {
    const idleMs = clock.now() - readAt;
    if (idleMs > MAX_IDLE_MS || idleMs < 0) reader.disconnect();
    const endsAt = monotonicMs() + REFRESH_READ_MS;
    return keep(reads.read({ endsAt: () => endsAt, attemptMs: REFRESH_READ_MS, isWorthAnotherTry }));
  }

  function isWorthAnotherTry({ failure, names }: FailedRead, attempt: number): boolean {
    return names.every(documents.isKnown) ? failure === 'broken' && attempt === 0 : failure !== 'refused';
  }

  /** Takes over what was read, and says when it is to be read again. */
  async function keep(read: Promise<Gathered>): Promise<void> {
    const gathered = await read;
    const causes = await adopt(gathered);
    const ttlMs = keptForMs(ttlSeconds, clock.random());
    readAt = clock.now();
    // SSM may have read before an edit, and answered after it: the age counts from the question.
    const oldAt = Math.min(gathered.askedAt, readAt) + ttlMs;
    if (causes.length === 0) {
      failedReads = 0;
      staleAt = oldAt;
      return;
    }
    failedReads += 1;
    const longestMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failedReads - 1), MAX_BACKOFF_MS);
    const backoffMs = (longestMs * (1 + clock.random())) / 2;
    staleAt = gathered.texts.size > 0 ? Math.min(readAt + backoffMs, oldAt) : readAt + backoffMs;
    log.write({
      kind: 'window-read-failed',
      parameters,
      cause: causes.join('; '),
      firstOfStreak: failedReads === 1,
      effect: effectOfFailure(),
    });
  }

  /** @returns why the read is a failed one: a cause for each parameter that is at fault, or one for them all */
  async function adopt({ texts, failures }: Gathered): Promise<readonly string[]> {
    const causes = failures.map((failed) =>
      failed.names.length === parameters.length ? failed.cause : `${failed.names.join(', ')}: ${failed.cause}`,
    );
    try {
      const { faults, missing } = await documents.adopt(texts);
      if (missing.length > 0) log.write({ kind: 'window-missing', parameters: missing });
      return [...causes, ...faults];
    } catch (error) {
      return [...causes, String(error)];
    }
  }

  function effectOfFailure(): string {
    if (documents.complete) return 'what was read last stays in force';
    return config.onError === 'defer'
      ? 'the function counts as under maintenance until it can be'
      : 'it counts as no window until it can be';
  }
}
