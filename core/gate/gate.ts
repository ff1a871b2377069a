import type { WindowState } from '../calendar/calendar.ts';
import type { Invocation } from '../events/invocation.ts';
import { nothingRan } from '../events/replay-mark.ts';
import { mergePolicies, type Policy } from '../sources/policy.ts';
import type { Inside, InsideParts, Outcome } from './inside.ts';
import type { Reading, WindowSource } from './ports.ts';
import { RETRIED_MS } from './retries.ts';

/** A window that begins this soon after INIT finds everything made ready by INIT. */
const NEAR_MS = 60_000;

const DISPATCH: Outcome = { kind: 'dispatch' };
/** State of the retries before the table was asked. */
const NOTHING_KNOWN = {
  untilAt: Number.NEGATIVE_INFINITY,
  staleAt: Number.NEGATIVE_INFINITY,
  pausedUntil: Number.NEGATIVE_INFINITY,
};

/** Ports and settings of the gate. */
export interface GateParts extends InsideParts {
  readonly windows: WindowSource;
  /** The function's own policy, which overrides the parameter's key by key. */
  readonly policy: Policy;
}

/** The gate of one environment. */
export interface Gate {
  /** First read of the windows; loads storing where a window is active or near. Never rejects. */
  start(): Promise<void>;
  /**
   * Whether an invocation that arrives now goes straight to the handler. Comparisons of numbers; no allocation, no I/O.
   */
  passes(): boolean;
  /** The same once old windows are read again: who gets a yes need not read the event. Never rejects. */
  passesRefreshed(): Promise<boolean>;
  /** Instants between which {@link passes} holds by what is known now, for a host that compares them itself. Epoch milliseconds. */
  readonly quiet: { readonly fromAt: number; readonly untilAt: number };
  /** One invocation's story: ask whether a window is active; if one is, decide, store, answer. Never rejects. */
  handle(invocation: Invocation): Promise<Outcome>;
}

/** Makes the gate. Keeps the windows' state between two of its changes, and nothing of any invocation. */
export function createGate(parts: GateParts): Gate {
  const { windows, events, log, clock, policy: ownPolicy, ttlSeconds } = parts;
  let reading: Reading | undefined;
  let state: WindowState = { validFrom: 0, validUntil: 0, lastEndAt: Number.NEGATIVE_INFINITY };
  let policy = ownPolicy;
  /** End of the last window that we knew of before the current reading; the time of the edit if an edit removed it. */
  let knownEndAt = Number.NEGATIVE_INFINITY;
  let quietFrom = Number.POSITIVE_INFINITY;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let inside: Inside | undefined;
  let loading: Promise<Inside> | undefined;

  return {
    start,
    passes,
    passesRefreshed,
    handle,
    get quiet() {
      return { fromAt: quietFrom, untilAt: Math.min(quietUntil, windows.staleAt) };
    },
  };

  async function start(): Promise<void> {
    await windows.start();
    const now = clock.now();
    look(now);
    if (state.active || state.validUntil - now < NEAR_MS) await Promise.allSettled([loadInside(), events.load()]);
  }

  function passes(): boolean {
    const now = clock.now();
    return now >= quietFrom && now < quietUntil && now < windows.staleAt;
  }

  async function passesRefreshed(): Promise<boolean> {
    try {
      await lookAfresh();
      return passes();
    } catch {
      return false; // what is wrong is said where the invocation is handled
    }
  }

  async function handle(invocation: Invocation): Promise<Outcome> {
    try {
      const now = await lookAfresh();
      if (now >= quietFrom && now < quietUntil) return DISPATCH;
      inside ??= await loadInside();
      return await inside.handle(invocation, state, policy, now);
    } catch (error) {
      log.write({
        kind: 'fault',
        id: invocation.id,
        cause: String(error),
        ...(state.active && { insideWindow: true as const }),
      });
      return state.active ? faultOutcome(invocation) : DISPATCH;
    }
  }

  /** @returns the instant that state, policy and quiet interval are of */
  async function lookAfresh(): Promise<number> {
    if (clock.now() >= windows.staleAt) await windows.refresh();
    const now = clock.now();
    look(now);
    return now;
  }

  /** Updates state, policy and the quiet interval to `now`. */
  function look(now: number): void {
    const read = windows.reading;
    if (read !== reading || now < state.validFrom || now >= state.validUntil) change(read, now);
    if (state.active) {
      quietFrom = Number.POSITIVE_INFINITY;
      return;
    }
    // What was stored until now may come again; whether something was, `retries` knows once it has been needed.
    const { untilAt, staleAt, pausedUntil } = inside?.retries ?? NOTHING_KNOWN;
    const changedAt = Math.max(state.lastEndAt, read.editedAt + ttlSeconds * 1_000);
    const isAsked = now < Math.max(changedAt + RETRIED_MS, untilAt);
    quietFrom = now < pausedUntil ? state.validFrom : Math.max(state.validFrom, untilAt);
    quietUntil = isAsked ? Math.min(state.validUntil, staleAt) : state.validUntil;
  }

  function change(read: Reading, now: number): void {
    const before = state.active;
    if (read !== reading) {
      // News may hold nothing any more of a window that was known until now: of one that is active, or has just ended.
      const known = reading?.stateAt(now);
      if (known) knownEndAt = Math.max(knownEndAt, known.active ? now : known.lastEndAt);
      policy = mergePolicies([read.policy, ownPolicy]);
      reading = read;
    }
    state = read.stateAt(now);
    if (!state.active) state = { ...state, lastEndAt: Math.max(state.lastEndAt, knownEndAt) };
    if (state.active && !before) log.write({ kind: 'window-began', window: state.active });
    if (before && !state.active) log.write({ kind: 'window-ended' });
  }

  function loadInside(): Promise<Inside> {
    loading ??= import('./inside.ts')
      .then(({ createInside }) => createInside(parts))
      .catch((error) => {
        loading = undefined;
        throw error;
      });
    return loading;
  }
}

/** Reply to an invocation that met a defect of ours inside a window. To a replay it proves that nothing ran. */
function faultOutcome({ invokedFunctionArn, mark }: Invocation): Outcome {
  const errorMessage = mark ? nothingRan(invokedFunctionArn, mark.proof) : 'under maintenance';
  return { kind: 'reply', reply: { kind: 'error', errorType: 'MaintenanceWindow.Fault', errorMessage } };
}
