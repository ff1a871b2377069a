import type { ComponentChildren } from 'preact';
import { numberText } from '../../../../core/text/shown.ts';
import { resultOf, useFollowed, useLookedOnce } from '../parts/followed.ts';
import { CommandLine, Refusal, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf } from '../place.ts';
import type { FindingJson, MetricsJson, ProtectionJson } from '../shapes.ts';

/** Whether it is on: what the doctor found. It asks much of AWS, so it looks when it is asked to. */
export function Functions() {
  const { answer, refusal, again } = useLookedOnce('doctor');
  const hour = resultOf<MetricsJson>(useFollowed('metrics'));
  const findings = resultOf<{ findings: readonly FindingJson[] }>(answer)?.findings ?? [];
  const functions = Map.groupBy(
    findings.filter(({ kind }) => OF_FUNCTION.includes(kind)),
    ({ subject }) => subject,
  );
  const others = findings.filter(({ kind }) => !OF_FUNCTION.includes(kind));
  return (
    <>
      <h2>Functions</h2>
      {answer || refusal !== undefined ? (
        <button type="button" class="outline small" onClick={again}>
          Look again
        </button>
      ) : (
        <p aria-busy="true">Looking at every function…</p>
      )}
      {refusal !== undefined && <Refusal text={refusal} />}
      <Remarks answer={answer} />
      {functions.size > 0 && <Coverage functions={functions} hour={hour} unlisted={unlistedIn(findings)} />}
      {answer && <Findings title="Parameters, table and place" findings={others} />}
      <CommandLine text={answer?.command} />
    </>
  );
}

/** Kinds of findings that are of one function, but for those that a list below the table tells. */
const COLUMNS = ['protection', 'client', 'event-sources', 'failure-destination', 'time-out'];
const BESIDE = ['function', 'function-state', 'success-destination', 'concurrency'];
const OF_FUNCTION = [...COLUMNS, ...BESIDE];

const HEADS = [
  'Function',
  'Protected',
  'Windows',
  'Read again after',
  'Policy',
  'Not read',
  'Client',
  'Polled',
  'What fails goes to',
  'Time-out',
];

interface CoverageProps {
  readonly functions: ReadonlyMap<string, readonly FindingJson[]>;
  readonly hour: MetricsJson | undefined;
  /** The action that it takes to know what Lambda polls; undefined where that is known. */
  readonly unlisted: string | undefined;
}

function unlistedIn(findings: readonly FindingJson[]): string | undefined {
  const list = findings.find(({ kind }) => kind === 'event-source-list');
  return (list?.data as { readonly action?: string } | undefined)?.action;
}

/** A line for each function, and below it what nobody would see in a column. */
function Coverage({ functions, hour, unlisted }: CoverageProps) {
  return (
    <Table heads={HEADS}>
      {[...functions].map(([name, findings]) => (
        <FunctionRows
          key={name}
          name={name}
          findings={findings}
          unlisted={unlisted}
          notRead={hour?.functions.find((one) => one.name === name)?.windowReadFailed}
        />
      ))}
    </Table>
  );
}

interface RowsProps {
  readonly name: string;
  readonly findings: readonly FindingJson[];
  /** How often it could not read the windows in the last hour. */
  readonly notRead: number | undefined;
  readonly unlisted: string | undefined;
}

function FunctionRows({ name, findings, notRead, unlisted }: RowsProps) {
  const of = (kind: string) => findings.filter((one) => one.kind === kind);
  const protections = of('protection');
  const settings = protections.find(({ state }) => state === 'ok')?.data as ProtectionJson | undefined;
  const unwell = findings.filter(({ state, message }) => state !== 'ok' && message !== '');
  return (
    <>
      <tr>
        <th scope="row">
          <a href={hrefOf('events', { function: name })}>{name}</a>
        </th>
        <td>
          <Mark state={worstOf(protections.length > 0 ? protections : of('function'))} />
        </td>
        <td>{settings?.parameters.join(', ')}</td>
        <td>{settings && `${settings.ttlSeconds} s`}</td>
        <td class="as-is policy">{settings && policyText(settings)}</td>
        <td class={notRead ? 'fault' : ''}>{notRead === undefined ? '' : numberText(notRead)}</td>
        <td>
          <Client finding={of('client')[0]} />
        </td>
        <td>
          {unlisted === undefined ? (
            <Polled finding={of('event-sources')[0]} />
          ) : (
            <small>
              needs <code>{unlisted}</code>
            </small>
          )}
        </td>
        <td>
          <FailedTo finding={of('failure-destination')[0]} />
        </td>
        <td class={stateOf(of('time-out'))}>{timeoutText(of('time-out')[0] ?? of('function')[0])}</td>
      </tr>
      {unwell.length > 0 && (
        <tr class="beside">
          <td colSpan={HEADS.length}>
            <FindingList findings={unwell} isNamed={false} />
          </td>
        </tr>
      )}
    </>
  );
}

const STATES = ['ok', 'unknown', 'warning', 'problem'];

function worstOf(findings: readonly FindingJson[]): string {
  return findings.reduce((worst, { state }) => (STATES.indexOf(state) > STATES.indexOf(worst) ? state : worst), 'ok');
}

function stateOf([finding]: readonly FindingJson[]): string {
  return finding?.state ?? '';
}

/** Said in words: a colour alone tells not everybody. */
function Mark({ state }: { readonly state: string }) {
  const texts: Readonly<Record<string, string>> = {
    ok: 'yes',
    unknown: 'not known',
    warning: 'in doubt',
    problem: 'no',
  };
  return <strong class={`mark ${state}`}>{texts[state] ?? state}</strong>;
}

/** What is set; all else is as it is by default. */
function policyText({ policy, onError }: ProtectionJson): string {
  const set = Object.entries(policy).map(
    ([source, setting]) => `${source}: ${typeof setting === 'string' ? setting : JSON.stringify(setting)}`,
  );
  return [...(set.length > 0 ? set : ['by default']), ...(onError === 'defer' ? ['unknown windows: defer'] : [])].join(
    '\n',
  );
}

function Client({ finding }: { readonly finding: FindingJson | undefined }) {
  const { version, seen } = (finding?.data ?? {}) as { version?: string; seen?: string };
  if (!finding) return null;
  if (seen === undefined) return <span class={finding.state}>never seen</span>;
  return (
    <>
      <span class={finding.state}>{version ?? 'says no version'}</span>{' '}
      <small>
        <Time at={seen} isBare />
      </small>
    </>
  );
}

interface PolledJson {
  readonly source: string;
  readonly arn?: string;
  readonly state: string;
  readonly givesUp?: true;
}

/** What Lambda polls for it, by service and name; red where records are given up. */
function Polled({ finding }: { readonly finding: FindingJson | undefined }) {
  const { sources = [] } = (finding?.data ?? {}) as { sources?: readonly PolledJson[] };
  return (
    <>
      {sources.map(({ source, arn, state, givesUp }) => (
        <div key={`${source} ${arn}`} class={givesUp ? 'fault' : ''}>
          {[source, ...(arn?.split(':').slice(5) ?? []), ...(state === 'Enabled' ? [] : [`(${state})`])].join(' ')}
        </div>
      ))}
    </>
  );
}

/** Without one, an event that nobody could store would be lost. */
function FailedTo({ finding }: { readonly finding: FindingJson | undefined }) {
  if (!finding) return null;
  if (finding.state !== 'ok')
    return <strong class="fault">{finding.state === 'unknown' ? 'not known' : 'nobody'}</strong>;
  const { deadLetters, onFailure } = finding.data as { deadLetters?: string; onFailure?: string };
  const names = [deadLetters, onFailure].flatMap((arn) => arn ?? []).map((arn) => arn.split(':').slice(5).join(':'));
  return <span class="as-is">{names.join('\n')}</span>;
}

function timeoutText(finding: FindingJson | undefined): ComponentChildren {
  const { seconds, timeoutSeconds } = (finding?.data ?? {}) as { seconds?: number; timeoutSeconds?: number };
  const length = seconds ?? timeoutSeconds;
  return length === undefined ? '' : `${numberText(length)} s`;
}

function Findings({ title, findings }: { readonly title: string; readonly findings: readonly FindingJson[] }) {
  if (findings.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <FindingList findings={findings} isNamed />
    </section>
  );
}

function FindingList({ findings, isNamed }: { readonly findings: readonly FindingJson[]; readonly isNamed: boolean }) {
  return (
    <ul class="findings">
      {findings.map(({ kind, subject, state, message, remedy }) => (
        <li key={kind + subject + message} class={state}>
          <strong>{state}</strong> {isNamed && subject !== '' && <code>{subject}</code>} {message}
          {remedy !== undefined && <p class="as-is">{remedy}</p>}
        </li>
      ))}
    </ul>
  );
}
