import { counted, shown } from '../../../core/text/shown.ts';
import type { Finding, FindingKind, State } from '../../doctor/finding.ts';
import type { Paint } from '../terminal/paint.ts';
import { type Telling, wordsOf } from './finding-text.ts';
import { cut } from './words.ts';

/** What findings are about. Those that are about one thing stand together, under a line of its own. */
export const THING: Readonly<Record<FindingKind, string>> = {
  credentials: 'credentials',
  parameter: 'parameter',
  windows: 'parameter',
  table: 'table',
  layout: 'table',
  'time-to-live': 'table',
  'point-in-time-recovery': 'table',
  'deletion-protection': 'table',
  functions: 'functions',
  'event-source-list': 'functions',
  function: 'function',
  protection: 'function',
  'function-state': 'function',
  'time-out': 'function',
  'failure-destination': 'function',
  'event-sources': 'function',
  'success-destination': 'function',
  concurrency: 'function',
  client: 'function',
};

/** From good to bad. */
const STATES: readonly State[] = ['ok', 'unknown', 'warning', 'problem'];
const MARKS: Readonly<Record<State, string>> = { ok: '✓', unknown: '?', warning: '!', problem: '✗' };

/** How many findings there are of each state. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<State, number>> {
  const counts = { ok: 0, warning: 0, problem: 0, unknown: 0 };
  for (const { state } of findings) counts[state] += 1;
  return counts;
}

/** For people: a line for each thing, and one below it for each finding that is not well, with its remedy. */
export function findingsText(findings: readonly Finding[], paint: Paint, telling: Telling): string {
  const things = Map.groupBy(findings, ({ kind, subject }) => `${THING[kind]} ${subject}`);
  const lines = [...things.values()].flatMap((about) => linesAbout(about, paint, telling));
  return [...lines, '', summaryText(findings)].join('\n');
}

function linesAbout(findings: readonly Finding[], paint: Paint, telling: Telling): readonly string[] {
  const [first] = findings;
  if (!first) return [];
  const worst = findings.reduce((state, finding) => worseOf(state, finding.state), 'ok' as State);
  const well = findings.filter(({ state }) => state === 'ok');
  const unwell = findings.filter(({ state }) => state !== 'ok');
  const name = cut([THING[first.kind], first.subject].filter((word) => word !== '').join(' '));
  const facts = well.map((finding) => wordsOf(finding, telling).says).filter((says) => says !== '');
  // a single thing to say stands behind the name
  const [only] = facts.length === 0 && unwell.length === 1 ? unwell : [];
  const head = only ? wordsText(only, telling) : facts.join(', ');
  return [
    `${mark(worst, paint)} ${shown(first.kind === 'credentials' ? `credentials: ${head}` : head === '' ? name : `${name}: ${head}`)}`,
    ...(only ? [] : unwell.map((finding) => `  ${mark(finding.state, paint)} ${shown(wordsText(finding, telling))}`)),
  ];
}

function wordsText(finding: Finding, telling: Telling): string {
  const { says, remedy } = wordsOf(finding, telling);
  return remedy === undefined ? says : `${says}: ${remedy}`;
}

function worseOf(one: State, other: State): State {
  return STATES.indexOf(other) > STATES.indexOf(one) ? other : one;
}

function mark(state: State, { green, yellow, red, dim }: Paint): string {
  const colour = { ok: green, unknown: dim, warning: yellow, problem: red }[state];
  return colour(MARKS[state]);
}

function summaryText(findings: readonly Finding[]): string {
  const { problem, warning, unknown } = countsOf(findings);
  const counts = [
    ...(problem > 0 ? [counted(problem, 'problem')] : []),
    ...(warning > 0 ? [counted(warning, 'warning')] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ];
  const judged = findings.some(({ kind }) => THING[kind] === 'function')
    ? ' What a role may do, and what is in an image, only a stored event can show.'
    : '';
  return `${counts.length > 0 ? `${counts.join(', ')}.` : 'All is well.'}${judged}`;
}
