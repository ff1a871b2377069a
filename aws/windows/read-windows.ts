import type { Clock } from '../../core/gate/ports.ts';
import { monotonicMs, withinLimit } from '../time/time-limit.ts';
import {
  isNamedIn,
  nothingOf,
  type ParameterCall,
  type ParameterReader,
  type ParameterText,
  type ParameterTexts,
  type ReadFailure,
  type ReadOutcome,
} from './parameter-reader.ts';

/** Result of one read of all window parameters. */
export interface Gathered {
  readonly texts: ParameterTexts;
  /** When the oldest of `texts` was asked for, epoch milliseconds: an edit since may be missing. Infinity without texts. */
  readonly askedAt: number;
  /** Failures of the parameters that are not in `texts`. */
  readonly failures: readonly FailedRead[];
}

/** Why these parameters could not be read. */
export interface FailedRead extends ReadFailure {
  readonly names: readonly string[];
}

/** How long a read may take, and what it does about what fails. */
export interface ReadLimits {
  /** By the monotonic clock; looked at again before each try. */
  endsAt(): number;
  /** The longest that one call is waited for. */
  readonly attemptMs: number;
  /** Whether to ask again, `attempt` counting from 0. Not asked of what SSM denies. */
  isWorthAnotherTry(failed: FailedRead, attempt: number): boolean;
}

/** Reads all window parameters. */
export interface WindowReads {
  /** @param firstCall of all names, where it is under way already */
  read(limits: ReadLimits, firstCall?: ParameterCall): Promise<Gathered>;
}

/**
 * Pauses between tries: uniform up to 100, 200, 400, 800, then 1,000 ms, and a last try at the end of the time. With it
 * 200 environments that start at once share SSM's default 40 reads a second within 5 s.
 */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;
/** The least that a try gets. One that would get less is not begun. */
const LEAST_ATTEMPT_MS = 100;

/**
 * Reads all parameters in one call as long as that is answered, and tries again what may pass.
 *
 * SSM refuses a call as a whole where it denies a single one of its parameters. Then each stands or falls by itself: those that
 * the refusal names are asked for one by one, and the others together; where it names none, all one by one. What was denied
 * stays apart in later reads, so that they cost a call more each and not ten. What is throttled is asked for together again.
 */
export function createWindowReads(reader: ParameterReader, names: readonly string[], clock: Clock): WindowReads {
  let apart: readonly string[] = [];

  return { read };

  async function read({ endsAt, attemptMs, isWorthAnotherTry }: ReadLimits, firstCall?: ParameterCall) {
    const texts = new Map<string, ParameterText | undefined>();
    let askedAt = Number.POSITIVE_INFINITY;
    const denied: FailedRead[] = [];
    /** Parameters of a group that was denied as a whole; they are read apart until they succeed. */
    const suspected = new Set(apart);
    let calls = firstCall ? [{ group: names, askedAt: clock.now(), call: firstCall }] : groups().map(called);
    for (let attempt = 0; ; attempt += 1) {
      const failed: FailedRead[] = [];
      for (const { group, outcome, ...call } of (await Promise.all(calls.map(settled))).flat()) {
        if (outcome.kind === 'failed') {
          (outcome.failure === 'denied' ? denied : failed).push({ ...outcome, names: group });
          continue;
        }
        for (const [name, text] of outcome.texts) texts.set(name, text);
        askedAt = Math.min(askedAt, call.askedAt);
        const passedOver = group.filter((name) => !outcome.texts.has(name));
        if (passedOver.length > 0) failed.push({ ...nothingOf(passedOver), names: passedOver });
      }
      const leftMs = endsAt() - monotonicMs() - LEAST_ATTEMPT_MS;
      if (leftMs < 0 || !failed.some((one) => isWorthAnotherTry(one, attempt))) {
        apart = names.filter((name) => suspected.has(name) && !texts.has(name));
        return { texts, askedAt, failures: [...denied, ...failed] };
      }
      const pauseMs = clock.random() * Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS, leftMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      calls = [called(failed.flatMap((one) => one.names))];
    }

    /** Outcome of one call, or of the calls that find out which of its parameters are denied. */
    async function settled({ group, askedAt, call }: Called): Promise<readonly Settled[]> {
      const outcome = await outcomeOf(call, Math.min(attemptMs, Math.max(endsAt() - monotonicMs(), LEAST_ATTEMPT_MS)));
      if (outcome.kind === 'texts' || outcome.failure !== 'denied' || group.length === 1)
        return [{ group, askedAt, outcome }];
      for (const name of group) suspected.add(name);
      return (await Promise.all(partsOf(group, outcome.cause).map(called).map(settled))).flat();
    }
  }

  function called(group: readonly string[]): Called {
    return { group, askedAt: clock.now(), call: reader.read(group) };
  }

  function groups(): readonly (readonly string[])[] {
    const together = names.filter((name) => !apart.includes(name));
    return [...(together.length > 0 ? [together] : []), ...apart.map((name) => [name])];
  }
}

/** A call for some of the names. */
interface Called {
  readonly group: readonly string[];
  /** Epoch milliseconds. */
  readonly askedAt: number;
  readonly call: ParameterCall;
}

interface Settled {
  readonly group: readonly string[];
  readonly askedAt: number;
  readonly outcome: ReadOutcome;
}

/** What to ask for after a group was denied as a whole. */
function partsOf(group: readonly string[], cause: string): readonly (readonly string[])[] {
  const named = group.filter((name) => isNamedIn(cause, name));
  if (named.length === 0) return group.map((name) => [name]);
  const others = group.filter((name) => !named.includes(name));
  return [...named.map((name) => [name]), ...(others.length > 0 ? [others] : [])];
}

function outcomeOf(call: ParameterCall, limitMs: number): Promise<ReadOutcome> {
  return withinLimit(call.outcome, limitMs, () => {
    call.abandon();
    return { kind: 'failed', failure: 'broken', cause: `no answer within ${Math.ceil(limitMs)} ms` };
  });
}
