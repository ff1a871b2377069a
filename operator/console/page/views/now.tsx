import { useEffect, useState } from 'preact/hooks';
import { matchesGlob } from '../../../../core/text/glob.ts';
import { counted, numberText } from '../../../../core/text/shown.ts';
import type { Answer } from '../../answer.ts';
import { lookOnce } from '../live.ts';
import { Do } from '../parts/action.tsx';
import { now } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf } from '../place.ts';
import type { EventJson, MaintenanceJson, MetricsJson, StatusJson, WaitingJson } from '../shapes.ts';
import { distanceText, functionsText, windowText } from '../text.ts';
import { BeginForm } from './begin-form.tsx';

/** Whether functions are under maintenance, and what waits. */
export function Now() {
  const answer = useFollowed('status');
  const status = resultOf<StatusJson>(answer);
  const lastHour = useFollowed('metrics');
  const hour = resultOf<MetricsJson>(lastHour);
  if (!answer) return <p aria-busy="true">Looking…</p>;
  return (
    <>
      {status && <State status={status} />}
      <Remarks answer={answer} />
      {status && (
        <>
          {status.windows.map((window) => (
            <ActiveWindow key={window.id} window={window} />
          ))}
          <section class="tiles" aria-label="What waits, and what failed">
            {status.waiting && <WaitingTiles waiting={status.waiting} />}
            <HourTiles hour={hour} />
          </section>
          <HourUnknown answer={lastHour} />
          {status.functionsUnknown !== undefined && (
            <p class="fault">What waits is not known: {status.functionsUnknown}</p>
          )}
          <FunctionCards status={status} hour={hour} />
          {status.next && (
            <p>
              Next window: <Time at={status.next.start} /> for {functionsText(status.next.functions)}
              {status.next.reason !== undefined && <span class="as-is">: {status.next.reason}</span>}
            </p>
          )}
        </>
      )}
      <BeginForm />
      <SmokeTest functions={namesOf(status, hour)} />
      <CommandLine text={answer.command} />
    </>
  );
}

/** Green: handlers run, and nothing waits. Blue: a window, and it is quiet. Amber: something is not as it should stay. */
function State({ status }: { readonly status: StatusJson }) {
  const { maintenance, waiting } = status;
  const isQuiet = maintenance.every(({ quietFrom }) => isPast(quietFrom));
  const events = waiting?.events ?? 0;
  const mayWait = status.functionsUnknown !== undefined || waiting?.atLeast === true;
  const [color, text] =
    maintenance.length > 0
      ? maintenance.every(({ until }) => isPast(until))
        ? ['amber', 'Maintenance has ended by its plan: looking again…']
        : isQuiet
          ? ['blue', 'Under maintenance, and quiet: no handler runs']
          : ['amber', 'Under maintenance, and not quiet yet']
      : events > 0
        ? ['amber', `Not under maintenance; ${waiting?.atLeast ? 'at least ' : ''}${counted(events, 'event')} wait`]
        : mayWait
          ? ['amber', 'Not under maintenance; whether events wait is not known']
          : ['green', 'Not under maintenance, and nothing waits'];
  return (
    <section class={`state ${color}`} aria-live="polite">
      <h2>{text}</h2>
      {maintenance.map((one) => (
        <Maintenance key={one.since + functionsText(one.functions)} maintenance={one} />
      ))}
    </section>
  );
}

function Maintenance({
  maintenance: { functions, since, until, reason, quietFrom, quietBecause },
}: {
  maintenance: MaintenanceJson;
}) {
  return (
    <dl>
      <dt>Functions</dt>
      <dd>{functionsText(functions)}</dd>
      <dt>Reason</dt>
      <dd class="as-is">{reason ?? 'none was given'}</dd>
      <dt>Since</dt>
      <dd>
        <Time at={since} />
      </dd>
      <dt>Until</dt>
      <dd>{until === undefined ? 'no end is in sight' : <Time at={until} />}</dd>
      <dt>Quiet</dt>
      <dd>
        {quietFrom === undefined ? (
          'not before it ends'
        ) : (
          <>
            {isPast(quietFrom) ? 'since ' : 'from '}
            <Time at={quietFrom} />
          </>
        )}
        : {quietBecause}
      </dd>
    </dl>
  );
}

function isPast(instant: string | undefined): boolean {
  return instant !== undefined && Date.parse(instant) <= now.value;
}

function ActiveWindow({ window }: { readonly window: StatusJson['windows'][number] }) {
  const { id, parameter, reason, end, functions } = window;
  const name = windowText(window);
  const words = (options: Record<string, string>) => ({
    names: [id],
    options: Object.fromEntries(Object.entries({ edit: parameter, ...options }).map(([name, text]) => [name, [text]])),
  });
  return (
    <article class="window" aria-label={`Window ${id}`}>
      <header>
        <code>{id}</code> <span class="as-is">{reason ?? 'no reason'}</span> · {functionsText(functions)}
      </header>
      {end !== undefined && (
        <p>
          {isPast(end) ? 'ended' : 'ends'} {distanceText(end, now.value)}
        </p>
      )}
      <div class="buttons">
        <Do
          on={`for ${name}`}
          doing={{ title: `Extend ${id} by 30 minutes`, name: 'extend', given: words({ for: '30m' }), isPlanned: true }}
        >
          +30 min
        </Do>
        <Do
          on={`for ${name}`}
          doing={{ title: `Extend ${id} by an hour`, name: 'extend', given: words({ for: '1h' }), isPlanned: true }}
        >
          +1 h
        </Do>
        <Do on={name} doing={{ title: `End ${id}`, name: 'end', given: words({}), isPlanned: true }}>
          End
        </Do>
      </div>
    </article>
  );
}

function WaitingTiles({ waiting }: { readonly waiting: WaitingJson }) {
  const most = waiting.atLeast ? '+' : '';
  return (
    <>
      {(['pending', 'failed', 'unknown', 'replaying'] as const).map((status) => (
        <a key={status} class={`tile ${waiting[status] > 0 ? status : 'none'}`} href={hrefOf('events', { status })}>
          <strong>
            {numberText(waiting[status])}
            {most}
          </strong>
          {status}
        </a>
      ))}
      <div class="tile">
        <strong>{waiting.oldestAt === undefined ? '–' : distanceText(waiting.oldestAt, now.value)}</strong>
        oldest
      </div>
    </>
  );
}

/** What nobody sees in the table: callers that got an error, and functions that go by an old reading. */
function HourTiles({ hour }: { readonly hour: MetricsJson | undefined }) {
  const tiles = [
    ['not stored', 'deferralFailed'],
    ['windows not read', 'windowReadFailed'],
  ] as const;
  return (
    <>
      {tiles.map(([text, metric]) => {
        const sum = hour?.functions.reduce((all, one) => all + one[metric], 0);
        return (
          <div key={metric} class={`tile ${sum ? 'failed' : 'none'}`}>
            <strong>{sum === undefined ? '–' : numberText(sum)}</strong>
            {text}, last hour
          </div>
        );
      })}
    </>
  );
}

function HourUnknown({ answer }: { readonly answer: Answer | undefined }) {
  const remark = answer?.remarks.find(({ kind }) => kind !== 'place');
  if (!remark) return null;
  return (
    <p>
      <small>
        The last hour by CloudWatch{remark.kind === 'fault' ? ' is not known: ' : ': '}
        <span class="as-is">{remark.text}</span>
      </small>
    </p>
  );
}

function namesOf(status: StatusJson | undefined, hour: MetricsJson | undefined): readonly string[] {
  return [...new Set([...(status?.functions ?? []), ...(hour?.functions ?? [])].map(({ name }) => name))].sort();
}

function FunctionCards({ status, hour }: { readonly status: StatusJson; readonly hour: MetricsJson | undefined }) {
  const errors = useErrors(status);
  return (
    <section class="cards" aria-label="Functions">
      {namesOf(status, hour).map((name) => {
        const inTable = status.functions?.find((one) => one.name === name);
        const counts = hour?.functions.find((one) => one.name === name);
        const isUnder = status.maintenance.some(
          ({ functions }) => functions === undefined || functions.some((glob) => matchesGlob(glob, name)),
        );
        return (
          <article key={name}>
            <header>
              <a href={hrefOf('events', { function: name })}>{name}</a>
              {isUnder && <span class="status running">under maintenance</span>}
            </header>
            {inTable && <WaitingOfFunction name={name} waiting={inTable.waiting} />}
            {errors.has(name) && (
              <p class="as-is error">
                <span class="clamped">failed with {errors.get(name)}</span>
              </p>
            )}
            {counts && <HourOfFunction counts={counts} />}
            {inTable?.lastDeferredAt !== undefined && (
              <p>
                <small>
                  last deferred <Time at={inTable.lastDeferredAt} />
                </small>
              </p>
            )}
          </article>
        );
      })}
    </section>
  );
}

const MOST_FAILED = '100';

/**
 * An error of each function, the newest among the oldest events that failed. It is looked at once their number changes.
 */
function useErrors({ waiting }: StatusJson): ReadonlyMap<string, string> {
  const failed = (waiting?.failed ?? 0) + (waiting?.unknown ?? 0);
  const [errors, tell] = useState<ReadonlyMap<string, string>>(new Map());
  useEffect(() => {
    let isOver = false;
    if (failed === 0) return tell(new Map());
    lookOnce('events list', { options: { status: ['failed', 'unknown'], limit: [MOST_FAILED] } }).then(
      (answer) => {
        const { events = [] } = resultOf<{ events?: readonly EventJson[] }>(answer) ?? {};
        const told = events.flatMap(({ function: name, lastError }) => (lastError ? [[name, lastError] as const] : []));
        if (!isOver) tell(new Map(told));
      },
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [failed]);
  return errors;
}

function WaitingOfFunction({
  name,
  waiting,
}: {
  readonly name: string;
  readonly waiting: NonNullable<StatusJson['functions']>[number]['waiting'];
}) {
  const { pending, failed, unknown, replaying, oldestAt, atLeast } = waiting;
  if (pending + failed + unknown + replaying === 0 && !atLeast) return <p>nothing waits</p>;
  return (
    <p>
      {numberText(pending)} pending,{' '}
      {failed + unknown > 0 ? (
        <a href={hrefOf('failures', { function: name })}>
          {numberText(failed)} failed, {numberText(unknown)} unknown
        </a>
      ) : (
        '0 failed'
      )}
      {replaying > 0 && `, ${numberText(replaying)} replaying`}
      {atLeast && ', counted in part'}
      {oldestAt !== undefined && (
        <>
          <br />
          <small>
            oldest <Time at={oldestAt} />
          </small>
        </>
      )}
    </p>
  );
}

function HourOfFunction({ counts }: { readonly counts: MetricsJson['functions'][number] }) {
  const { deferred, rejected, deferralFailed, windowReadFailed, deferredPerMinute, rejectedPerMinute } = counts;
  const text = `${numberText(deferred)} deferred, ${numberText(rejected)} rejected in the last hour`;
  const most = Math.max(...deferredPerMinute, ...rejectedPerMinute);
  return (
    <>
      <Sparkline
        lines={[
          { name: 'deferred', values: deferredPerMinute },
          { name: 'rejected', values: rejectedPerMinute },
        ]}
        label={`By minute: ${text}, at most ${numberText(most)} a minute`}
      />
      <small>
        {text}
        {deferralFailed > 0 && <strong class="fault">, {numberText(deferralFailed)} not stored</strong>}
        {windowReadFailed > 0 && <strong class="fault">, windows not read {counted(windowReadFailed, 'time')}</strong>}
      </small>
    </>
  );
}

/** Runs one function although a window is active. What it is given is kept nowhere. */
function SmokeTest({ functions }: { readonly functions: readonly string[] }) {
  const [name, setName] = useState('');
  const [payload, setPayload] = useState('');
  return (
    <details>
      <summary class="opens">Smoke test</summary>
      <p>
        The handler runs once, although a window is active, and nothing is stored: to see that it works before the
        window ends.
      </p>
      <label>
        Function
        <input value={name} list="known-functions" onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <datalist id="known-functions">
        {functions.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label>
        Event, as JSON
        <textarea
          rows={4}
          value={payload}
          placeholder="{}"
          onInput={(event) => setPayload(event.currentTarget.value)}
        />
      </label>
      {name.trim() !== '' && (
        <Do
          doing={{
            title: `Run ${name.trim()} once`,
            name: 'invoke',
            given: { names: [name.trim()], options: payload.trim() === '' ? {} : { payload: [payload] } },
            isPlanned: false,
          }}
        >
          Run it…
        </Do>
      )}
    </details>
  );
}
