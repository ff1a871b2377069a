import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer } from '../../../answer.ts';
import type { Given } from '../../api.ts';
import { Do } from '../../parts/action.tsx';
import { zone } from '../../parts/clock.ts';
import { Field } from '../../parts/field.tsx';
import type { ListedJson } from '../../shapes.ts';
import { instantText } from '../../text.ts';
import { REPLAY_LABEL } from '../window-form.tsx';

/** A field of a window, in the words of the tool's options. */
interface FieldOfWindow {
  readonly option:
    | 'start'
    | 'end'
    | 'expression'
    | 'timezone'
    | 'for'
    | 'from'
    | 'until'
    | 'function'
    | 'reason'
    | 'replay';
  readonly label: string;
  readonly value: string;
  readonly example?: string;
  /** Empty means that it has none. */
  readonly mayBeEmpty?: true;
}

interface EditFormProps {
  /** As it was when the form was opened. */
  readonly window: ListedJson;
  /** As it is now; undefined: it is not there any more. */
  readonly current: ListedJson | undefined;
  readonly onClose: () => void;
}

/** What a window says, to be changed. What is typed stays, whatever somebody else writes meanwhile. */
export function EditForm({ window, current, onClose }: EditFormProps) {
  const { id, parameter, version } = window;
  const form = useRef<HTMLElement>(null);
  // another zone may be chosen while it is open
  const [openedIn] = useState(zone.value);
  const [shown] = useState(() => fieldsOf(window, openedIn));
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  useEffect(() => form.current?.focus(), []);
  const changed = shown.filter(({ option, value }) => (typed[option] ?? value).trim() !== value);
  const isLacking = changed.some(({ option, mayBeEmpty }) => !mayBeEmpty && (typed[option] ?? '').trim() === '');
  const given = givenFor(window, changed, typed, openedIn);
  const title = `Change ${id}`;
  return (
    <article ref={form} class="window editing" tabIndex={-1} aria-label={`Edit ${id}`}>
      <header>
        Edit <code>{id}</code> in {parameter}, version {version}
      </header>
      {current === undefined && (
        <p role="alert">
          Somebody has taken it out meanwhile: the history below tells who. What you typed is still here.
        </p>
      )}
      {current !== undefined && current.version !== version && (
        <p role="status">
          Version {current.version} was written since you opened this. You will see what it changed before yours is
          written.
        </p>
      )}
      <div class="grid fields">
        {shown.map(({ option, label, value, example }) => (
          <Field
            key={option}
            label={label}
            value={typed[option] ?? value}
            set={(text) => setTyped({ ...typed, [option]: text })}
            {...(example !== undefined && { example })}
          />
        ))}
      </div>
      <div class="buttons">
        <Do
          isDisabled={changed.length === 0 || isLacking}
          doing={{
            title,
            name: 'schedule edit',
            given,
            isPlanned: true,
            onDone: ({ exitCode }: Answer) => {
              if (exitCode === 0) onClose();
            },
          }}
        >
          Change…
        </Do>
        <button type="button" class="secondary outline small" onClick={onClose}>
          Close without a change
        </button>
      </div>
    </article>
  );
}

function fieldsOf(window: ListedJson, timezone: string): readonly FieldOfWindow[] {
  const { start, end, schedule, from, until, duration = '', functions = [], reason = '', replay } = window;
  const text = (instant: string | undefined, place: string) =>
    instant === undefined ? '' : instantText(instant, place);
  const own = window.timezone ?? 'UTC';
  const times: readonly FieldOfWindow[] =
    schedule === undefined
      ? [
          { option: 'start', label: `Starts (${timezone})`, value: text(start, timezone) },
          { option: 'end', label: `Ends (${timezone})`, value: text(end, timezone) },
        ]
      : [
          { option: 'expression', label: 'Starts: cron(…) or at(…)', value: schedule },
          { option: 'timezone', label: 'In the time zone', value: own },
          { option: 'for', label: 'Lasts', value: duration, example: '2h' },
          { option: 'from', label: 'Nothing starts before', value: text(from, own), mayBeEmpty: true },
          { option: 'until', label: 'Nothing starts from then on', value: text(until, own), mayBeEmpty: true },
        ];
  return [
    ...times,
    {
      option: 'function',
      label: 'Functions (names, with * and ?; none: every function)',
      value: functions.join(' '),
      example: 'orders-*',
      mayBeEmpty: true,
    },
    { option: 'reason', label: 'Reason', value: reason, mayBeEmpty: true },
    {
      option: 'replay',
      label: REPLAY_LABEL,
      value: typeof replay === 'string' ? replay : replay === undefined ? '' : JSON.stringify(replay),
      mayBeEmpty: true,
    },
  ];
}

/** The edit, of the version that was shown: what somebody else wrote since is shown first. */
function givenFor(
  { id, parameter, version, schedule, timezone: own = 'UTC' }: ListedJson,
  changed: readonly FieldOfWindow[],
  typed: Readonly<Record<string, string>>,
  timezone: string,
): Given {
  const options: Record<string, readonly string[] | true> = { edit: [parameter], 'if-version': [String(version)] };
  const names = [id];
  for (const { option } of changed) {
    const text = (typed[option] ?? '').trim();
    if (option === 'expression') names.push(text);
    else if (text === '') options[`no-${option}`] = true;
    else options[option] = option === 'function' ? text.split(/[\s,]+/) : [text];
  }
  // times are typed in the zone in which they were shown
  const hasTimes = changed.some(({ option }) => ['start', 'end', 'from', 'until'].includes(option));
  if (hasTimes) options['timezone'] ??= [schedule === undefined ? timezone : own];
  return { names, options };
}
