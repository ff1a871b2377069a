import { type EventStatus, STATUSES } from '../events/deferred-event.ts';
import type { FailureLimit } from '../sources/auto-replay.ts';
import { failsByErrorAlone } from './outcome.ts';
import type { ReplayPlan } from './plan.ts';

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
  /** After so many events, look what became of them. Default: no stop. */
  readonly canary?: number;
  /** Run events again that are replayed or accepted. They have to be named one by one. */
  readonly again?: boolean;
  readonly ordered?: boolean;
  readonly duringWindow?: boolean;
  readonly latestPerResource?: boolean;
  /** Default: half of all outcomes. */
  readonly stopAfter?: FailureLimit;
  readonly qualifier?: string;
  /** Send copies to this function, and leave the events as they are: those that are finished can be meant as well. */
  readonly to?: string;
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
  /** What makes no sense of copies: they are marked, hold nothing back, change no event, and name their target whole. */
  | { readonly kind: 'not-of-copies'; readonly what: 'queue' | 'order' | 'latest' | 'again' | 'qualifier' }
  /** What ran is to run again only where somebody names it. */
  | { readonly kind: 'again-unnamed' }
  /** What Lambda's own queue accepts has no outcome to look at. */
  | { readonly kind: 'canary-unanswered' }
  /** Of what is named to run again, nothing is to be discarded. */
  | { readonly kind: 'again-latest' }
  /** All statuses that are asked for are unknown ones, and these are to be skipped. */
  | { readonly kind: 'nothing-left' };

export const DEFAULT_CONCURRENCY = 10;
/** In percent of all outcomes. */
export const DEFAULT_FAILURES: FailureLimit = { kind: 'share', percent: 50 };

/** What a replay takes up by itself. What failed is for somebody to look at first. */
const DEFAULT_STATUSES: readonly EventStatus[] = ['pending', 'unknown', 'replaying'];
/** What a replay may be asked to take up. */
export const NAMED_STATUSES: readonly EventStatus[] = [...DEFAULT_STATUSES, 'failed'];
/** What has run, as far as anybody knows. */
const RUN_STATUSES: readonly EventStatus[] = ['replayed', 'accepted'];

/**
 * Makes the plan of a wish.
 *
 * @param areNamed whether events were named one by one: those that failed are then meant, too
 */
export function planOf(
  wish: ReplayWish,
  areNamed: boolean,
): { readonly kind: 'plan'; readonly plan: ReplayPlan } | { readonly kind: 'none'; readonly why: NoPlan } {
  const why = whyNoPlan(wish, areNamed);
  if (why) return { kind: 'none', why };
  return {
    kind: 'plan',
    plan: {
      statuses: [
        ...statusesOf(wish.statuses ?? defaultStatuses(wish, areNamed), wish.skipUnknown),
        ...(wish.again ? RUN_STATUSES : []),
      ],
      mode: wish.mode ?? 'request',
      concurrency: wish.concurrency ?? DEFAULT_CONCURRENCY,
      ratePerSecond: wish.ratePerSecond ?? Number.POSITIVE_INFINITY,
      limit: wish.limit ?? Number.POSITIVE_INFINITY,
      ordered: wish.ordered ?? false,
      duringWindow: wish.duringWindow ?? false,
      latestPerResource: wish.latestPerResource ?? false,
      stopAfter: wish.stopAfter ?? DEFAULT_FAILURES,
      ...(wish.canary !== undefined && { canary: wish.canary }),
      ...(wish.qualifier !== undefined && { qualifier: wish.qualifier }),
      ...(wish.to !== undefined && { to: wish.to }),
    },
  };
}

function defaultStatuses({ to }: ReplayWish, areNamed: boolean): readonly EventStatus[] {
  if (!areNamed) return DEFAULT_STATUSES;
  return to === undefined ? NAMED_STATUSES : STATUSES;
}

function whyNoCopies({ mode, ordered, latestPerResource, again, qualifier }: ReplayWish): NoPlan | undefined {
  const without = (what: (NoPlan & { kind: 'not-of-copies' })['what']): NoPlan => ({ kind: 'not-of-copies', what });
  if (mode === 'event') return without('queue');
  if (ordered) return without('order');
  if (latestPerResource) return without('latest');
  if (again) return without('again');
  return qualifier === undefined ? undefined : without('qualifier');
}

function whyNoPlan(wish: ReplayWish, areNamed: boolean): NoPlan | undefined {
  const { mode, ordered, duringWindow, sources, statuses, skipUnknown } = wish;
  const whyNot = wish.to === undefined ? undefined : whyNoCopies(wish);
  if (whyNot) return whyNot;
  if (wish.again && !areNamed) return { kind: 'again-unnamed' };
  if (wish.again && wish.latestPerResource) return { kind: 'again-latest' };
  if (mode === 'event' && wish.canary !== undefined) return { kind: 'canary-unanswered' };
  if (mode === 'event' && ordered) return { kind: 'queue-without-order' };
  if (mode === 'event' && duringWindow) return { kind: 'queue-inside-window' };
  const source = sources?.find((each) => !failsByErrorAlone(each));
  if (mode === 'event' && source !== undefined) return { kind: 'queue-without-reply', source };
  const status = wish.to === undefined && statuses?.find((each) => !NAMED_STATUSES.includes(each));
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
