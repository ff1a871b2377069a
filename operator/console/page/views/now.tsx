import { counted, numberText } from '../../../../core/text/shown.ts';
import { Do } from '../parts/action.tsx';
import { now } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Time } from '../parts/time.tsx';
import { hrefOf } from '../place.ts';
import type { MaintenanceJson, StatusJson, WaitingJson } from '../shapes.ts';
import { distanceText, functionsText } from '../text.ts';
import { BeginForm } from './begin-form.tsx';

/** Whether functions are under maintenance, and what waits. */
export function Now() {
  const answer = useFollowed('status');
  const status = resultOf<StatusJson>(answer);
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
          {status.waiting && <Tiles waiting={status.waiting} />}
          {status.functionsUnknown !== undefined && (
            <p class="fault">What waits is not known: {status.functionsUnknown}</p>
          )}
          <FunctionCards functions={status.functions ?? []} />
          {status.next && (
            <p>
              Next window: <Time at={status.next.start} /> for {functionsText(status.next.functions)}
              {status.next.reason !== undefined && `: ${status.next.reason}`}
            </p>
          )}
          <BeginForm />
        </>
      )}
      <CommandLine text={answer.command} />
    </>
  );
}

/** Green: handlers run, and nothing waits. Blue: a window, and it is quiet. Amber: something is not as it should stay. */
function State({ status }: { readonly status: StatusJson }) {
  const { maintenance, waiting } = status;
  const isQuiet = maintenance.every(({ quietFrom }) => Date.parse(quietFrom) <= now.value);
  const events = waiting?.events ?? 0;
  const mayWait = status.functionsUnknown !== undefined || waiting?.atLeast === true;
  const [color, text] =
    maintenance.length > 0
      ? isQuiet
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
      <dd>{reason ?? 'none was given'}</dd>
      <dt>Since</dt>
      <dd>
        <Time at={since} />
      </dd>
      <dt>Until</dt>
      <dd>{until === undefined ? 'no end is in sight' : <Time at={until} />}</dd>
      <dt>Quiet</dt>
      <dd>
        {Date.parse(quietFrom) <= now.value ? 'since ' : 'from '}
        <Time at={quietFrom} />: {quietBecause}
      </dd>
    </dl>
  );
}

function ActiveWindow({
  window: { id, parameter, reason, end, functions },
}: {
  window: StatusJson['windows'][number];
}) {
  const words = (options: Record<string, string>) => ({
    names: [id],
    options: Object.fromEntries(Object.entries({ edit: parameter, ...options }).map(([name, text]) => [name, [text]])),
  });
  return (
    <article class="window">
      <header>
        <code>{id}</code> {reason ?? 'no reason'} · {functionsText(functions)}
      </header>
      {end !== undefined && <p>ends {distanceText(end, now.value)}</p>}
      <div class="buttons">
        <Do
          doing={{ title: `Extend ${id} by 30 minutes`, name: 'extend', given: words({ for: '30m' }), isPlanned: true }}
        >
          +30 min
        </Do>
        <Do doing={{ title: `Extend ${id} by an hour`, name: 'extend', given: words({ for: '1h' }), isPlanned: true }}>
          +1 h
        </Do>
        <Do doing={{ title: `End ${id}`, name: 'end', given: words({}), isPlanned: true }}>End</Do>
      </div>
    </article>
  );
}

function Tiles({ waiting }: { readonly waiting: WaitingJson }) {
  const most = waiting.atLeast ? '+' : '';
  return (
    <section class="tiles" aria-label="What waits">
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
    </section>
  );
}

function FunctionCards({ functions }: { readonly functions: NonNullable<StatusJson['functions']> }) {
  return (
    <section class="cards" aria-label="Functions">
      {functions.map(({ name, waiting, lastDeferredAt }) => (
        <article key={name}>
          <header>
            <a href={hrefOf('events', { function: name })}>{name}</a>
          </header>
          {waiting.pending + waiting.failed + waiting.unknown + waiting.replaying === 0 && !waiting.atLeast
            ? 'nothing waits'
            : `${numberText(waiting.pending)} pending, ${numberText(waiting.failed)} failed, ${numberText(waiting.unknown)} unknown${waiting.atLeast ? ', counted in part' : ''}`}
          {lastDeferredAt !== undefined && (
            <p>
              <small>
                last deferred <Time at={lastDeferredAt} />
              </small>
            </p>
          )}
        </article>
      ))}
    </section>
  );
}
