import type { EventStatus } from '../../core/events/deferred-event.ts';
import { failsByErrorAlone } from '../../core/replay/outcome.ts';
import type { FailureLimit, ReplayPlan } from '../../core/replay/plan.ts';

/** How to replay, as far as somebody says; what is absent has a default. */
export interface ReplayWish {
  /** Default: `pending`, `unknown` and `replaying`; of events by name `failed`, too. */
  readonly statuses?: readonly EventStatus[];
  /** Only events of these sources are meant. Absent: all. */
  readonly sources?: readonly string[];
  /** Skip events that may have run. */
  readonly skipUnknown?: boolean;
  /** Default `request`. */
  readonly mode?: ReplayPlan['mode'];
  /** Invocations at once. Default 10. */
  readonly concurrency?: number;
  /** Default: no limit. */
  readonly ratePerSecond?: number;
  /** Most events. Default: no limit. */
  readonly limit?: number;
  readonly ordered?: boolean;
  readonly duringWindow?: boolean;
  readonly latestPerResource?: boolean;
  /** Default: half of all outcomes. */
  readonly stopAfter?: FailureLimit;
  readonly qualifier?: string;
}

/** Why a wish is no plan. Each face has its own words for it. */
export type NoPlan =
  /** Lambda's own queue keeps no order. */
  | { readonly kind: 'queue-without-order' }
  /** No mark passes Lambda's own queue, so that no handler runs inside a window. */
  | { readonly kind: 'queue-inside-window' }
  /** Failures of this source stand in replies, which nobody reads behind Lambda's own queue. */
  | { readonly kind: 'queue-without-reply'; readonly source: string }
  /** Events of this status are dealt with. */
  | { readonly kind: 'finished'; readonly status: EventStatus }
  /** All statuses that are asked for are unknown ones, and these are to be skipped. */
  | { readonly kind: 'nothing-left' };

export const DEFAULT_CONCURRENCY = 10;
/** In percent of all outcomes. */
export const DEFAULT_FAILURES: FailureLimit = { kind: 'share', percent: 50 };

/** What a replay takes up by itself. What failed is for somebody to look at first. */
const DEFAULT_STATUSES: readonly EventStatus[] = ['pending', 'unknown', 'replaying'];
const NAMED_STATUSES: readonly EventStatus[] = [...DEFAULT_STATUSES, 'failed'];

/**
 * Makes the plan of a wish.
 *
 * @param areNamed whether events were named one by one: those that failed are then meant, too
 */
export function planOf(
  wish: ReplayWish,
  areNamed: boolean,
): { readonly kind: 'plan'; readonly plan: ReplayPlan } | { readonly kind: 'none'; readonly why: NoPlan } {
  const why = whyNoPlan(wish);
  if (why) return { kind: 'none', why };
  return {
    kind: 'plan',
    plan: {
      statuses: statusesOf(wish.statuses ?? (areNamed ? NAMED_STATUSES : DEFAULT_STATUSES), wish.skipUnknown),
      mode: wish.mode ?? 'request',
      concurrency: wish.concurrency ?? DEFAULT_CONCURRENCY,
      ratePerSecond: wish.ratePerSecond ?? Number.POSITIVE_INFINITY,
      limit: wish.limit ?? Number.POSITIVE_INFINITY,
      ordered: wish.ordered ?? false,
      duringWindow: wish.duringWindow ?? false,
      latestPerResource: wish.latestPerResource ?? false,
      stopAfter: wish.stopAfter ?? DEFAULT_FAILURES,
      ...(wish.qualifier !== undefined && { qualifier: wish.qualifier }),
    },
  };
}

function whyNoPlan({ mode, ordered, duringWindow, sources, statuses, skipUnknown }: ReplayWish): NoPlan | undefined {
  if (mode === 'event' && ordered) return { kind: 'queue-without-order' };
  if (mode === 'event' && duringWindow) return { kind: 'queue-inside-window' };
  const source = sources?.find((each) => !failsByErrorAlone(each));
  if (mode === 'event' && source !== undefined) return { kind: 'queue-without-reply', source };
  const status = statuses?.find((each) => !NAMED_STATUSES.includes(each));
  if (status) return { kind: 'finished', status };
  return skipUnknown && statuses?.every(isUnknown) ? { kind: 'nothing-left' } : undefined;
}

/** A replay that was cut off is not known either: both words mean both. */
function statusesOf(asked: readonly EventStatus[], skipUnknown = false): readonly EventStatus[] {
  const known = asked.filter((status) => !isUnknown(status));
  return skipUnknown || known.length === asked.length ? known : [...known, 'unknown', 'replaying'];
}

function isUnknown(status: EventStatus): boolean {
  return status === 'unknown' || status === 'replaying';
}
