import { occurrenceAt } from '../../core/calendar/occurrence.ts';
import { mergePolicies, NO_POLICY, type Policy } from '../../core/sources/policy.ts';
import { whyNeverMade } from '../../core/windows/parameter-limits.ts';
import type { Window } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
import { checkText } from '../windows/check.ts';
import { type Finding, found, type NextWindow, notSeen } from './finding.ts';
import { looked } from './unseen.ts';

/** What the window parameters came to. */
export interface ExaminedParameters {
  readonly findings: readonly Finding[];
  /** The windows of those that are good. */
  readonly windows: readonly Window[];
  /** What those set for event sources. */
  readonly policy: Policy;
}

/** Looks at every window parameter, each by itself: whether it can be read, what it says, and what comes next. */
export async function examineParameters(operator: Operator): Promise<ExaminedParameters> {
  const all = await Promise.all(operator.settings.parameters.map((name) => examineParameter(operator, name)));
  return {
    findings: all.flatMap(({ findings }) => findings),
    windows: all.flatMap(({ windows }) => windows),
    policy: mergePolicies(all.map(({ policy }) => policy)),
  };
}

async function examineParameter(operator: Operator, name: string): Promise<ExaminedParameters> {
  const store = await operator.parameters();
  const { value: stored, unseen } = await looked('ssm:GetParameters', () => store.read(name));
  if (unseen) return { findings: [notSeen('parameter', name, unseen)], windows: [], policy: NO_POLICY };
  if (!stored) {
    const message = whyNeverMade(name);
    return {
      findings: [
        message === undefined
          ? found('parameter', name, 'warning', { why: 'absent' })
          : found('parameter', name, 'problem', { why: 'never-made', message }),
      ],
      windows: [],
      policy: NO_POLICY,
    };
  }
  const { version, modifiedAt, text } = stored;
  const now = operator.clockSoFar.now();
  const checked = await checkText(text, now, 1, operator.remarks.times, 'stored');
  if (checked.kind === 'malformed') {
    const { message } = checked;
    return {
      findings: [found('parameter', name, 'problem', { why: 'malformed', version, message })],
      windows: [],
      policy: NO_POLICY,
    };
  }
  const { windows } = checked.document;
  const occurrences = await Promise.all(windows.map((window) => occurrenceAt(window, now)));
  const [next] = checked.upcoming;
  const facts = {
    version,
    modifiedAt,
    windows: windows.length,
    active: occurrences.filter((occurrence) => occurrence !== undefined).length,
    ...(next && { next: nextWindow(next) }),
  };
  const doubts = checked.warnings.map((message) => found('windows', name, 'warning', { message }));
  const { policy = NO_POLICY } = checked.document;
  return { findings: [found('parameter', name, 'ok', facts), ...doubts], windows, policy };
}

function nextWindow({
  id,
  window: { functions, reason },
  occurrence: { startAt, endAt },
}: {
  readonly id: string;
  readonly window: Window;
  readonly occurrence: { readonly startAt: number; readonly endAt?: number | undefined };
}): NextWindow {
  return {
    id,
    startAt,
    ...(endAt !== undefined && { endAt }),
    ...(functions && { functions }),
    ...(reason !== undefined && { reason }),
  };
}
