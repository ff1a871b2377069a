import { STATUSES } from '../../../core/events/deferred-event.ts';
import { counted, numberText } from '../../../core/text/shown.ts';
import { durationText } from '../../../core/time/time-text.ts';
import { functionsText } from '../../../core/windows/window-text.ts';
import type { EventTotals } from '../../report/event-totals.ts';
import type { NotStored } from '../../report/not-stored.ts';
import type { WindowReport } from '../../report/report.ts';
import type { Times } from '../../times/times.ts';
import { callerText } from '../../windows/caller.ts';
import { STATUS_MEANINGS } from '../events/status-meaning.ts';
import { changeText } from '../windows/change-text.ts';
import { markdownTable, written } from './markdown.ts';
import { functionNamesOf } from './report-json.ts';

const STATES: Readonly<Record<WindowReport['state'], string>> = {
  planned: 'has not begun',
  active: 'active',
  ended: 'ended',
  'never-active': 'removed before it began',
};

/** A report for people: one Markdown document. */
export function reportMarkdown(report: WindowReport, times: Times): string {
  const { life, steps, events, notStored, historyUnknown } = report;
  const { id, scheduleId, reason } = life;
  return [
    `# Maintenance window ${id}${reason === undefined ? '' : `: ${written(reason)}`}`,
    '',
    ...timesLines(report, times),
    `- Functions: ${written(functionsText(life))}`,
    `- Parameter: ${written(life.parameter)}`,
    ...(scheduleId === undefined ? [] : [`- One occurrence of: ${scheduleId}`]),
    `- State: ${STATES[report.state]}, as of ${times.text(report.now)}`,
    '',
    '## Who and why',
    '',
    ...(historyUnknown === undefined ? stepsLines(steps, times) : [`Not known: ${written(historyUnknown)}`]),
    '',
    '## Events',
    '',
    ...markdownTable(['Events', 'Number', 'Meaning'], numbersOf(events, notStored)),
    '',
    ...functionsLines(events, notStored),
    ...remarksOf(report, times).map((remark) => `- ${remark}`),
  ].join('\n');
}

function timesLines({ life }: WindowReport, times: Times): readonly string[] {
  const { startAt, plannedEndAt, endAt } = life;
  const span = (until: number) =>
    Number.isFinite(until)
      ? `${times.text(startAt)} to ${times.text(until)}, for ${durationText(until - startAt)}`
      : `${times.text(startAt)}, without an end`;
  return [`- Planned: ${span(plannedEndAt)}`, `- Actual: ${endAt <= startAt ? 'none' : span(endAt)}`];
}

function stepsLines(steps: WindowReport['steps'], times: Times): readonly string[] {
  if (steps.length === 0) return ['Not known: SSM keeps the last 100 versions of the parameter.'];
  return markdownTable(
    ['When', 'Who', 'What', 'Why'],
    steps.map(({ at, by, reason = '-', change }) => [
      times.text(at),
      written(callerText(by)),
      written(changeText(change, times.text)),
      written(reason),
    ]),
  );
}

function numbersOf({ deferred, byStatus }: EventTotals, notStored: NotStored): readonly (readonly string[])[] {
  return [
    ...STATUSES.map((status) => [status, numberText(byStatus[status]), STATUS_MEANINGS[status]]),
    ['**deferred**', `**${numberText(deferred)}**`, 'stored instead of handled: the sum of the rows above'],
    ...(notStored.kind === 'missing'
      ? [['rejected', 'not known', written(notStored.why)]]
      : [
          ['rejected', atLeast(notStored.rejected, notStored), 'turned away and not stored: the caller has it'],
          ['not stored', atLeast(notStored.failed, notStored), 'storing failed: the caller got an error'],
        ]),
  ];
}

/** Nothing for one function: its numbers are the totals. */
function functionsLines(events: EventTotals, notStored: NotStored): readonly string[] {
  const names = functionNamesOf(events, notStored);
  const used = STATUSES.filter((status) => events.byStatus[status] > 0);
  const turned = notStored.kind === 'counted' ? notStored : undefined;
  if (names.length === 0) return [];
  return [
    ...markdownTable(
      ['Function', ...used, 'deferred', ...(turned ? ['rejected', 'not stored'] : [])],
      names.map((name) => {
        const counts = events.functions.find(({ functionName }) => functionName === name);
        const own = turned?.functions.find(({ functionName }) => functionName === name);
        return [
          written(name),
          ...used.map((status) => numberText(counts?.byStatus[status] ?? 0)),
          numberText(counts?.deferred ?? 0),
          ...(turned ? [numberText(own?.rejected ?? 0), numberText(own?.failed ?? 0)] : []),
        ];
      }),
    ),
    '',
  ];
}

function remarksOf({ events, notStored, expiredBefore }: WindowReport, times: Times): readonly string[] {
  const { longestWait, operators, rests, shared } = events;
  const names = operators.map(
    ({ who, events: count }) => `${who === 'lambda' ? 'Lambda itself' : written(who)} (${counted(count, 'event')})`,
  );
  return [
    longestWait === undefined
      ? 'Longest wait of an event: none'
      : `Longest wait of an event: ${durationText(longestWait.waitMs)} (${written(longestWait.functionName)}, ${written(longestWait.id)}, ${longestWait.status})`,
    `Replayed or discarded by: ${names.length === 0 ? 'nobody' : names.join(', ')}`,
    ...(rests > 0 ? [`Rests of batches that succeeded in part, among the deferred: ${numberText(rests)}`] : []),
    ...(shared > 0
      ? [`Deferred while an earlier window was active as well, and in its report, too: ${numberText(shared)}`]
      : []),
    ...(notStored.kind === 'counted'
      ? ['Rejected and not stored: the sums of CloudWatch’s metrics, by whole minutes around the window']
      : []),
    ...(notStored.kind === 'counted' && notStored.partBecause !== undefined
      ? [
          `Rejected by functions that never stored an event: not known, as they are not listed (${written(notStored.partBecause)})`,
        ]
      : []),
    ...(expiredBefore === undefined
      ? []
      : [
          `Finished events expire after 30 days: those finished before ${times.text(expiredBefore)} are gone, and not counted`,
        ]),
  ];
}

function atLeast(count: number, { partBecause }: NotStored & { readonly kind: 'counted' }): string {
  return partBecause === undefined ? numberText(count) : `at least ${numberText(count)}`;
}
