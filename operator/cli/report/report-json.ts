import { instantToText } from '../../../core/time/instant.ts';
import { instantText } from '../../../core/time/time-text.ts';
import { instantOrUndefined } from '../../../core/windows/window-text.ts';
import type { EventTotals } from '../../report/event-totals.ts';
import type { NotStored } from '../../report/not-stored.ts';
import type { WindowReport } from '../../report/report.ts';
import { changeJson } from '../windows/change-text.ts';

/** A report for programs. */
export function reportJson(report: WindowReport): object {
  const { life, steps, state, now, events, notStored, historyUnknown, expiredBefore } = report;
  const { id, scheduleId, parameter, startAt, plannedEndAt, endAt, reason, functions } = life;
  const isCounted = notStored.kind === 'counted';
  return {
    at: instantText(now),
    window: {
      id,
      scheduleId,
      parameter,
      state,
      start: instantToText(startAt),
      plannedEnd: finite(plannedEndAt),
      end: finite(endAt),
      reason,
      functions,
    },
    history: steps.map(({ at, by, reason: why, change }) => ({
      at: instantToText(at),
      by,
      reason: why,
      change: changeJson(change),
    })),
    historyUnknown,
    ...eventsJson(events, notStored),
    rejected: isCounted ? notStored.rejected : undefined,
    notStored: isCounted ? notStored.failed : undefined,
    atLeastBecause: isCounted ? notStored.partBecause : undefined,
    rejectedUnknown: isCounted ? undefined : notStored.why,
    expiredBefore: instantOrUndefined(expiredBefore),
  };
}

function eventsJson(events: EventTotals, notStored: NotStored): object {
  const { deferred, byStatus, functions, rests, shared, longestWait, operators } = events;
  return {
    events: { deferred, ...byStatus, rests, shared },
    functions: functionNamesOf(events, notStored).map((name) => {
      const counts = functions.find(({ functionName }) => functionName === name);
      const turned = notStored.kind === 'counted' ? turnedOf(name, notStored) : {};
      return { name, deferred: counts?.deferred ?? 0, ...(counts?.byStatus ?? {}), ...turned };
    }),
    longestWait: longestWait && {
      seconds: Math.round(longestWait.waitMs / 1_000),
      function: longestWait.functionName,
      id: longestWait.id,
      status: longestWait.status,
    },
    operators,
  };
}

/** Functions that have events or turned some away, the fullest first. */
export function functionNamesOf({ functions }: EventTotals, notStored: NotStored): readonly string[] {
  const turned = notStored.kind === 'counted' ? notStored.functions : [];
  return [...new Set([...functions, ...turned].map(({ functionName }) => functionName))];
}

function turnedOf(name: string, notStored: NotStored & { readonly kind: 'counted' }) {
  const { rejected, failed } = notStored.functions.find(({ functionName }) => functionName === name) ?? ZERO;
  return { rejected, notStored: failed };
}

const ZERO = { rejected: 0, failed: 0 };

function finite(at: number): string | undefined {
  return Number.isFinite(at) ? instantToText(at) : undefined;
}
