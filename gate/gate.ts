import { TAKE_BACK_MS, type WindowState } from './calendar.ts';
import type { HandleInside, InsideParts, Outcome } from './inside.ts';
import type { Invocation } from './invocation.ts';
import { nothingRan } from './mark.ts';
import { mergePolicies, type Policy } from './policy.ts';
import type { Reading, WindowSource } from './ports.ts';

/** A window that begins this soon after INIT finds everything made ready by INIT. */
const NEAR_MS = 60_000;

const DISPATCH: Outcome = { kind: 'dispatch' };

/** What the gate works through, and whom it works for. */
export interface GateParts extends InsideParts {
  readonly windows: WindowSource;
  /** The function's own policy, which overrides the parameter's key by key. */
  readonly policy: Policy;
}

/** The gate of one environment. */
export interface Gate {
  /** Reads the windows for the first time, and makes storing ready where a window is active or near. Never rejects. */
  start(): Promise<void>;
  /** Whether an invocation that arrives now needs nothing of us. Comparisons of numbers; no allocation, no I/O. */
  passes(): boolean;
  /** One invocation's story: ask whether a window is active; if one is, decide, store, answer. Never rejects. */
  handle(invocation: Invocation): Promise<Outcome>;
}

/** Makes the gate. Keeps the windows' state between two of its changes, and nothing of any invocation. */
export function createGate(parts: GateParts): Gate {
  const { windows, events, log, clock, policy: ownPolicy } = parts;
  let reading: Reading | undefined;
  let state: WindowState = { validFrom: 0, validUntil: 0, lastEndAt: Number.NEGATIVE_INFINITY };
  let policy = ownPolicy;
  /** When the latest window ended of which readings before the latest one told, or at which an edit took it away. */
  let knownEndAt = Number.NEGATIVE_INFINITY;
  let quietFrom = Number.POSITIVE_INFINITY;
  let quietUntil = Number.NEGATIVE_INFINITY;
  let inside: Promise<HandleInside> | undefined;

  return { start, passes, handle };

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

  async function handle(invocation: Invocation): Promise<Outcome> {
    try {
      if (clock.now() >= windows.staleAt) await windows.refresh();
      const now = clock.now();
      look(now);
      if (now >= quietFrom && now < quietUntil) return DISPATCH;
      const handleInside = await loadInside();
      return await handleInside(invocation, state, policy, now);
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

  /** Brings state, policy and the quiet interval up to `now`. */
  function look(now: number): void {
    const read = windows.reading;
    const isNews = read !== reading;
    if (!isNews && now >= state.validFrom && now < state.validUntil) return;
    const before = state.active;
    if (isNews) {
      // News may hold nothing any more of a window that was known until now: of one that is active, or has just ended.
      const known = reading?.stateAt(now);
      if (known) knownEndAt = Math.max(knownEndAt, known.active ? now : known.lastEndAt);
      policy = mergePolicies([read.policy, ownPolicy]);
      reading = read;
    }
    state = read.stateAt(now);
    if (!state.active) state = { ...state, lastEndAt: Math.max(state.lastEndAt, knownEndAt) };
    quietFrom = state.active ? Number.POSITIVE_INFINITY : Math.max(state.validFrom, state.lastEndAt + TAKE_BACK_MS);
    quietUntil = state.validUntil;
    if (state.active && !before) log.write({ kind: 'window-began', window: state.active });
    if (before && !state.active) log.write({ kind: 'window-ended' });
  }

  function loadInside(): Promise<HandleInside> {
    inside ??= import('./inside.ts')
      .then(({ createInside }) => createInside(parts))
      .catch((error) => {
        inside = undefined;
        throw error;
      });
    return inside;
  }
}

/** Inside a window nothing runs, whatever fails of ours. A replay is told so for certain. */
function faultOutcome({ invokedFunctionArn, mark }: Invocation): Outcome {
  const errorMessage = mark ? nothingRan(invokedFunctionArn, mark.proof) : 'under maintenance';
  return { kind: 'reply', reply: { kind: 'error', errorType: 'MaintenanceWindow.Fault', errorMessage } };
}
