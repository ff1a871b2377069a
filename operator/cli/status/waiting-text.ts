import { WAITING } from '../../../core/events/archive.ts';
import { counted, numberText } from '../../../core/text/shown.ts';
import { instantOrUndefined } from '../../../core/windows/window-text.ts';
import {
  eventsWaiting,
  type FunctionState,
  type TableState,
  totalWaiting,
  type WaitingEvents,
} from '../../events/table-state.ts';
import type { Output } from '../terminal/output.ts';

const FUNCTIONS_SHOWN = 20;

/** What waits, as its faces show it. Absent members: nothing of the kind. */
export interface WaitingTexts {
  /** `2,050 events wait`. Absent where nothing waits, and where that is not known. */
  readonly headline?: string;
  /** `2,048 pending, 2 failed, of orders; oldest 2026-11-21T01:00:00Z (3 h ago)`; or why it is not known. */
  readonly summary?: string;
  /** By function, where events of several wait. */
  readonly table?: string;
  /** What to type next, each with what it is for. */
  readonly commands: readonly (readonly [what: string, command: string])[];
}

/** What waits, for programs: `waiting` in all and by function, or `functionsUnknown` with the reason. */
export function waitingJson(state: TableState, withFunctions: (functions: FunctionState) => object): object {
  if (state.kind === 'unknown') return { functionsUnknown: state.why };
  const total = totalWaiting(state.functions.map(({ waiting }) => waiting));
  return {
    waiting: { events: eventsWaiting(total), ...countsJson(total) },
    functions: state.functions.map((each) => ({ ...withFunctions(each), waiting: countsJson(each.waiting) })),
  };
}

function countsJson({ oldestAt, isPart, ...counts }: WaitingEvents): object {
  return { ...counts, oldestAt: instantOrUndefined(oldestAt), ...(isPart && { atLeast: true }) };
}

/**
 * What waits, for people.
 *
 * @param functionName the only function that was asked about
 */
export function waitingTexts(
  state: TableState,
  { command, times, table }: Pick<Output, 'command' | 'times' | 'table'>,
  now: number,
  functionName?: string,
): WaitingTexts {
  const replay = functionName === undefined ? ['replay'] : ['replay', '--function', functionName];
  if (state.kind === 'unknown') {
    return { summary: `not known: ${state.why}`, commands: [['to replay', command(replay)]] };
  }
  const total = totalWaiting(state.functions.map(({ waiting }) => waiting));
  const events = eventsWaiting(total);
  if (events === 0 && !total.isPart) return { commands: [] };
  const some = state.functions.filter(({ waiting }) => eventsWaiting(waiting) > 0);
  const [only, ...others] = some;
  const count = `${counted(events, 'event')} ${events === 1 ? 'waits' : 'wait'}`;
  const failed = ['events', 'list', '--status', 'failed', ...replay.slice(1)];
  return {
    headline: events === 0 ? 'events may wait' : total.isPart ? `at least ${count}` : count,
    summary: [
      [
        ...WAITING.filter((status) => total[status] > 0).map((status) => amountText(total[status], total, status)),
        ...(only && others.length === 0 && functionName === undefined ? [`of ${only.functionName}`] : []),
        ...(total.isPart ? ['counted in part'] : []),
      ].join(', '),
      ...(total.oldestAt === undefined ? [] : [`oldest ${times.fromNow(total.oldestAt, now)}`]),
    ].join('; '),
    ...(others.length > 0 && { table: functionsTable(some, { times, table }) }),
    commands: [
      ...(events > total.failed || total.isPart ? [['to replay', command(replay)] as const] : []),
      ...(total.failed > 0 ? [['to see what failed', command(failed)] as const] : []),
    ],
  };
}

function functionsTable(
  functions: readonly FunctionState[],
  { times, table }: Pick<Output, 'times' | 'table'>,
): string {
  const shown = functions
    .toSorted((a, b) => eventsWaiting(b.waiting) - eventsWaiting(a.waiting))
    .slice(0, FUNCTIONS_SHOWN);
  const more = functions.length - shown.length;
  const rows = shown.map(({ functionName, waiting }) => [
    functionName,
    ...WAITING.map((status) => amountText(waiting[status], waiting)),
    waiting.oldestAt === undefined ? '-' : times.cell(waiting.oldestAt),
  ]);
  const head = ['FUNCTION', ...WAITING.map((status) => status.toUpperCase()), times.head('OLDEST')];
  return [table(head, rows), ...(more > 0 ? [`and ${counted(more, 'function')} more`] : [])].join('\n');
}

/** `2,048 pending`, with a `+` where there may be more. */
function amountText(events: number, { isPart }: WaitingEvents, what = ''): string {
  return `${numberText(events)}${isPart ? '+' : ''} ${what}`.trimEnd();
}
