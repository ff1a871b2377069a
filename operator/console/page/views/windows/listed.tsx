import { useEffect, useRef, useState } from 'preact/hooks';
import { parseDuration } from '../../../../../core/time/duration.ts';
import { durationText } from '../../../../../core/time/time-text.ts';
import { Do } from '../../parts/action.tsx';
import { Field } from '../../parts/field.tsx';
import { resultOf, useFollowed } from '../../parts/followed.ts';
import { CommandLine, Remarks } from '../../parts/remarks.tsx';
import { Time } from '../../parts/time.tsx';
import { place } from '../../place.ts';
import type { ListedJson } from '../../shapes.ts';
import { functionsText, windowText } from '../../text.ts';
import { EditForm } from './edit-form.tsx';

/** The windows that there are, and what can be done with each. */
export function Listed() {
  const answer = useFollowed('schedule list');
  const found = resultOf<{ windows: readonly ListedJson[] }>(answer);
  const [editing, edit] = useState<ListedJson>();
  const meant = place.value.query.get('window');
  const nowOf = (one: ListedJson) => found?.windows.find((window) => keyOf(window) === keyOf(one));
  const form = editing && (
    <EditForm
      key={`edit ${keyOf(editing)}`}
      window={editing}
      current={nowOf(editing)}
      onClose={() => edit(undefined)}
    />
  );
  // all in one list, by their keys: so a form lives on where its window goes
  const shown = [
    ...(found?.windows ?? []).flatMap((window) => [
      <OneWindow key={keyOf(window)} window={window} isMeant={window.id === meant} onEdit={() => edit(window)} />,
      editing && keyOf(editing) === keyOf(window) && form,
    ]),
    editing && !nowOf(editing) && form,
  ];
  return (
    <section aria-label="Windows that there are">
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found?.windows.length === 0 && <p>No window.</p>}
      {found && meant !== null && !found.windows.some(({ id }) => id === meant) && (
        <p>
          <code>{meant}</code> is not there any more: the history below tells who took it out.
        </p>
      )}
      {shown}
      <CommandLine text={answer?.command} />
    </section>
  );
}

function keyOf({ id, parameter }: ListedJson): string {
  return `${parameter} ${id}`;
}

interface OneWindowProps {
  readonly window: ListedJson;
  /** Whether the address names it. */
  readonly isMeant: boolean;
  readonly onEdit: () => void;
}

function OneWindow({ window, isMeant, onEdit }: OneWindowProps) {
  const { id, parameter, reason, functions, active } = window;
  const given = { names: [id], options: { edit: [parameter] } };
  const name = windowText(window);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isMeant) card.current?.focus();
  }, [isMeant]);
  return (
    <article ref={card} class={isMeant ? 'window meant' : 'window'} tabIndex={-1} aria-label={`Window ${id}`}>
      <header>
        <code>{id}</code> <span class="as-is">{reason ?? 'no reason'}</span> · {functionsText(functions)}{' '}
        {active && <span class="status running">active</span>}
      </header>
      <When window={window} />
      <div class="buttons">
        {active && (
          <>
            <Do
              on={`for ${name}`}
              doing={{
                title: `Extend ${id} by 30 minutes`,
                name: 'extend',
                given: { ...given, options: { ...given.options, for: ['30m'] } },
                isPlanned: true,
              }}
            >
              +30 min
            </Do>
            <Do on={name} doing={{ title: `End ${id}`, name: 'end', given, isPlanned: true }}>
              End
            </Do>
          </>
        )}
        <button type="button" class="outline small" aria-label={`Edit ${name}`} onClick={onEdit}>
          Edit
        </button>
        <Do isQuiet on={name} doing={{ title: `Remove ${id}`, name: 'schedule remove', given, isPlanned: true }}>
          Remove
        </Do>
      </div>
      {active && <ExtendOrEnd id={id} name={name} given={given} />}
    </article>
  );
}

function When({
  window: { schedule, timezone, duration, start, end, from, until, next },
}: {
  readonly window: ListedJson;
}) {
  if (schedule === undefined) {
    return (
      <p>
        {start !== undefined && <Time at={start} />} to {end !== undefined && <Time at={end} />}
      </p>
    );
  }
  return (
    <p>
      <code>{schedule}</code> in {timezone ?? 'UTC'}, for {writtenText(duration)}
      {from !== undefined && (
        <>
          , from <Time at={from} isBare />
        </>
      )}
      {until !== undefined && (
        <>
          , until <Time at={until} isBare />
        </>
      )}
      {next !== undefined && (
        <>
          , next <Time at={next} />
        </>
      )}
    </p>
  );
}

/** `2 h 30 min`; as it is written where it is no length. */
function writtenText(duration = ''): string {
  const length = parseDuration(duration);
  return length.kind === 'value' ? durationText(length.value) : duration;
}

interface ActiveProps {
  readonly id: string;
  /** For who hears the page. */
  readonly name: string;
  readonly given: { readonly names: readonly string[]; readonly options: { readonly edit: readonly string[] } };
}

/** By another length than half an hour, and with a reason for the history. */
function ExtendOrEnd({ id, name, given }: ActiveProps) {
  const [length, setLength] = useState('1h');
  const [reason, setReason] = useState('');
  const with_ = (options: Readonly<Record<string, readonly string[]>>) => ({
    ...given,
    options: { ...given.options, ...options },
  });
  return (
    <details>
      <summary aria-label={`Another length, or why it ends: ${name}`}>Another length, or why it ends</summary>
      <div class="grid">
        <div>
          <Field label="Longer by" value={length} set={setLength} example="1h30" />
          <Do
            on={name}
            isDisabled={length.trim() === ''}
            doing={{ title: `Extend ${id}`, name: 'extend', given: with_({ for: [length] }), isPlanned: true }}
          >
            Extend…
          </Do>
        </div>
        <div>
          <Field label="Why it ends" value={reason} set={setReason} example="failed over" />
          <Do
            on={name}
            isDisabled={reason.trim() === ''}
            doing={{
              title: `End ${id} with this reason`,
              name: 'end',
              given: with_({ reason: [reason] }),
              isPlanned: true,
            }}
          >
            End…
          </Do>
        </div>
      </div>
    </details>
  );
}
