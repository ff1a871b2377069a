import { instantToText } from '../../../core/time/instant.ts';
import {
  functionsText,
  instantOrUndefined,
  reasonText,
  replayText,
  whenText,
  windowJson,
} from '../../../core/windows/window-text.ts';
import type { FunctionState, TableState } from '../../events/table-state.ts';
import type { Times } from '../../times/times.ts';
import type { Quiet } from '../../windows/quiet-time.ts';
import type { Maintenance, Status } from '../../windows/status.ts';
import type { Output } from '../terminal/output.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { quietFromText, quietText } from '../windows/quiet-text.ts';
import { type Coming, upcomingJson } from '../windows/upcoming-text.ts';
import { clientsLines } from './clients-text.ts';
import { waitingJson, waitingTexts } from './waiting-text.ts';

/** What a status command found: the windows at an instant, and the table now. */
export interface Found {
  readonly status: Status;
  readonly table: TableState;
  /** The only function that was asked about. */
  readonly functionName?: string;
}

/** A status for programs. What waits is of now, and so left out of another time. */
export function statusJson({ status, table }: Found): object {
  const { at, now, maintenance, active, next } = status;
  const { waiting, ...ofTable } = waitingJson(table, functionJson) as { readonly waiting?: object };
  return {
    at: instantToText(at),
    active: active.length > 0,
    maintenance: maintenance.map(maintenanceJson),
    windows: active.map(({ id, parameter, window, replay }) => ({
      id,
      parameter: parameter.name,
      ...windowJson(window),
      replay,
    })),
    next: next && upcomingJson(next),
    ...(at === now && waiting && { waiting }),
    toolVersion: TOOL_VERSION,
    ...ofTable,
  };
}

/** A status for people. */
export function statusText(found: Found, output: Output): string {
  const { status, table, functionName } = found;
  const { at, now, maintenance, next } = status;
  const { paint, times } = output;
  const { bold, green, yellow } = paint;
  const isNow = at === now;
  const waiting = isNow ? waitingTexts(table, output, now, functionName) : { commands: [] };
  const { headline, summary } = waiting;
  const clients = clientsLines(table, now, times);
  const byFunction = waiting.table === undefined ? [] : ['', waiting.table];
  if (maintenance.length === 0) {
    const about = `${isNow ? '' : ` at ${times.fromNow(at, now)}`}${functionName === undefined ? '' : `: ${functionName}`}`;
    const first = `${bold((headline === undefined ? green : yellow)('Not under maintenance'))}${about}`;
    return [
      headline === undefined ? first : `${first}; ${bold(yellow(headline))}`,
      ...(summary === undefined ? [] : [`  waiting ${summary}`]),
      ...nextLines(next, at, times),
      ...(headline === undefined ? [] : waiting.commands.map(([what, command]) => `  ${what}  ${command}`)),
      ...byFunction,
      ...clients,
    ].join('\n');
  }
  return [
    ...(isNow ? [] : [`At ${times.fromNow(at, now)}:`]),
    ...maintenance.flatMap(({ functions, state, quiet }) => [
      `${bold(yellow('Under maintenance'))}: ${functionsText({ ...(functions && { functions }) })}`,
      `  since   ${times.fromNow(state.startAt, at)}`,
      `  until   ${state.endAt === undefined ? 'further notice: no end of the windows is in sight' : times.fromNow(state.endAt, at)}`,
      `  reason  ${reasonText(state)}`,
      `  ${quietText(quiet, at, times)}`,
    ]),
    '',
    activeTable(status, output),
    ...(summary === undefined
      ? []
      : ['', headline === undefined ? `What waits is ${summary}` : `${headline}: ${summary}`]),
    ...byFunction,
    ...clients,
  ].join('\n');
}

/** A status on one line, without distances: it is another one only where something has changed. */
export function statusLine({ status, table, functionName }: Found, output: Output): string {
  const { now, maintenance } = status;
  const { headline } = waitingTexts(table, output, now, functionName);
  const { times } = output;
  const windows = maintenance.map(({ functions, state, quiet }) =>
    [
      `Under maintenance: ${functionsText({ ...(functions && { functions }) })}`,
      ...(state.endAt === undefined ? [] : [`until ${times.text(state.endAt)}`]),
      quietWords(quiet, now, times),
    ].join(', '),
  );
  const waiting = table.kind === 'unknown' ? 'what waits is not known' : headline;
  return [...(windows.length > 0 ? windows : ['Not under maintenance']), ...(waiting ? [waiting] : [])].join('; ');
}

function quietWords({ at, overAt }: Quiet, now: number, times: Times): string {
  if (at <= now) return 'quiet';
  return overAt === undefined ? `not quiet before ${times.text(at)}` : 'not quiet before that';
}

function activeTable({ active }: Status, output: Output): string {
  const { times } = output;
  const replays = active.some(({ replay }) => replay !== undefined);
  return output.table(
    ['ID', 'PARAMETER', times.head('WINDOW'), 'FUNCTIONS', 'REASON', ...(replays ? ['REPLAY'] : [])],
    active.map(({ id, parameter, window, replay }) => [
      id,
      parameter.name,
      whenText(window, times.cell),
      functionsText(window),
      reasonText(window),
      ...(replays ? [replayText(replay)] : []),
    ]),
  );
}

function nextLines(next: Coming | undefined, at: number, times: Times): readonly string[] {
  if (!next) return ['  next    none'];
  const { id, window, occurrence, note } = next;
  return [
    `  next    ${times.fromNow(occurrence.startAt, at)}, ${functionsText(window)}, ${reasonText(window)} (${id})`,
    ...(note === undefined ? [] : [`  note    ${note}`]),
  ];
}

function maintenanceJson({ functions, state, quiet }: Maintenance): object {
  return {
    functions,
    since: instantToText(state.startAt),
    until: instantOrUndefined(state.endAt),
    reason: state.reason,
    quietFrom: quietFromText(quiet),
    quietBecause: quiet.why,
  };
}

function functionJson({ functionName, client }: FunctionState): object {
  return {
    name: functionName,
    clientVersion: client?.version,
    lastDeferredAt: instantOrUndefined(client?.deferredAt),
  };
}
