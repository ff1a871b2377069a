import { useState } from 'preact/hooks';
import { Difference, Do } from '../parts/action.tsx';
import { Field } from '../parts/field.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Time } from '../parts/time.tsx';
import type { WindowJson } from '../shapes.ts';
import { changesText, functionsText } from '../text.ts';
import { BeginForm } from './begin-form.tsx';
import { useWindowFields } from './window-form.tsx';
import { Timeline } from './windows/timeline.tsx';
import './windows/windows.css';

/** Windows: when they are active, those that there are, and what was done to them. */
export function Windows() {
  return (
    <>
      <h2>Windows</h2>
      <Timeline />
      <Scheduled />
      <AddForm />
      <BeginForm />
      <History />
    </>
  );
}

function Scheduled() {
  const answer = useFollowed('schedule list');
  const found = resultOf<{ windows: readonly WindowJson[] }>(answer);
  return (
    <section>
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found?.windows.length === 0 && <p>No window.</p>}
      {found?.windows.map((window) => (
        <OneWindow key={window.id + window.parameter} window={window} />
      ))}
      <CommandLine text={answer?.command} />
    </section>
  );
}

function OneWindow({ window }: { readonly window: WindowJson }) {
  const { id, parameter, schedule, timezone, duration, start, end, reason, functions, active, next } = window;
  const given = { names: [id], options: { edit: [parameter] } };
  return (
    <article class={active ? 'window active' : 'window'}>
      <header>
        <code>{id}</code> {reason ?? 'no reason'} · {functionsText(functions)}{' '}
        {active && <span class="status running">active</span>}
      </header>
      {schedule === undefined ? (
        <p>
          {start !== undefined && <Time at={start} />} to {end !== undefined && <Time at={end} />}
        </p>
      ) : (
        <p>
          <code>{schedule}</code> in {timezone ?? 'UTC'}, for {duration}
          {next !== undefined && (
            <>
              , next <Time at={next} />
            </>
          )}
        </p>
      )}
      <div class="buttons">
        {active ? (
          <>
            <Do
              doing={{
                title: `Extend ${id} by 30 minutes`,
                name: 'extend',
                given: { ...given, options: { ...given.options, for: ['30m'] } },
                isPlanned: true,
              }}
            >
              +30 min
            </Do>
            <Do doing={{ title: `End ${id}`, name: 'end', given, isPlanned: true }}>End</Do>
          </>
        ) : (
          <Do isQuiet doing={{ title: `Remove ${id}`, name: 'schedule remove', given, isPlanned: true }}>
            Remove
          </Do>
        )}
      </div>
    </article>
  );
}

function AddForm() {
  const [when, setWhen] = useState('');
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const { options, fields } = useWindowFields();
  const isRecurring = /^(cron|at|rate)\(/.test(when.trim());
  const given = {
    names: isRecurring ? [when.trim()] : [],
    options: {
      ...(!isRecurring && when.trim() !== '' && { start: [when.trim()] }),
      timezone: [timezone],
      ...options,
    },
  };
  return (
    <details>
      <summary class="opens">Add a window</summary>
      <div class="grid">
        <Field
          label="When: a time, or cron(…)"
          value={when}
          set={setWhen}
          example="tomorrow 02:00, cron(0 2 ? * SUN *)"
        />
        <Field label="Its time zone" value={timezone} set={setTimezone} />
        {fields}
      </div>
      <Do doing={{ title: 'Add the window', name: 'schedule add', given, isPlanned: true }}>Add…</Do>
    </details>
  );
}

interface ChangeJson {
  readonly parameter: string;
  readonly version: number;
  readonly at: string;
  readonly by?: string;
  readonly reason?: string;
  readonly removed?: readonly string[];
  readonly added?: readonly string[];
  readonly changes?: readonly { readonly kind: string; readonly id?: string }[];
}

function History() {
  const answer = useFollowed('history', { options: { count: ['20'] } });
  const found = resultOf<{ changes: readonly ChangeJson[] }>(answer);
  return (
    <section>
      <h3>History</h3>
      <Remarks answer={answer} />
      {found?.changes.map(({ parameter, version, at, by, reason, changes = [], removed, added }) => (
        <details key={`${parameter} ${version}`} class="change">
          <summary>
            <Time at={at} /> {by ?? 'somebody'}: {changesText(changes)}
            {reason !== undefined && ` (${reason})`}
          </summary>
          {parameter}, version {version}
          {removed && added && <Difference removed={removed} added={added} />}
        </details>
      ))}
      <CommandLine text={answer?.command} />
    </section>
  );
}
