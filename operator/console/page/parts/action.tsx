import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { counted } from '../../../../core/text/shown.ts';
import { durationText } from '../../../../core/time/time-text.ts';
import type { Answer } from '../../answer.ts';
import { carryOut, change, type Given, type Planned, plan, production, refusalText } from '../api.ts';
import { hrefOf } from '../place.ts';
import { AsWritten } from './as-written.tsx';
import { Conflict } from './conflict.tsx';
import { Difference } from './difference.tsx';
import { facts } from './facts.ts';
import { resultOf } from './followed.ts';
import { Modal, useClosedElsewhere } from './modal.tsx';
import { Others, type OthersJson } from './others.tsx';
import { deedTexts, isConflict, outcomeText } from './outcome.ts';
import { Outlook, type OutlookJson } from './outlook.tsx';
import { refusedOf, remember, type Wanted } from './refused.ts';
import { CommandLine, Remarks } from './remarks.tsx';
import { Time } from './time.tsx';

/** Something to do: an operation, with what is given. */
export interface Doing extends Wanted {
  readonly title: string;
  /** The title once a plan has counted its events. */
  readonly counting?: (events: number) => string;
  /** Whether it is shown by a dry run first. */
  readonly isPlanned: boolean;
  /** What is shown once it is done. */
  readonly onDone?: (answer: Answer) => void;
}

const doing = signal<Doing | undefined>(undefined);

/** Opens the dialog in which something is shown and confirmed. */
export function open(what: Doing): void {
  doing.value = what;
}

/** Whether nothing can be changed here, or it is not known yet. */
function isReadOnly(): boolean {
  return facts.value?.isReadOnly ?? true;
}

const ONLY_SHOWS = 'This console only shows: it was started with --read-only.';

interface NeedyButtonProps {
  /** What it comes to: it is grey where AWS refused an action that this takes. */
  readonly wanted: Wanted;
  /** What it says on pointing at it. */
  readonly title?: string;
  readonly children: string;
  /** What it acts on, for who hears the page: where others are called the same. It goes on where the text ends. */
  readonly on?: string;
  readonly isQuiet?: boolean;
  /** There is nothing to be done yet. */
  readonly isDisabled?: boolean;
  readonly isBusy?: boolean;
  /** Nothing is changed by it: it is there where nothing can be. */
  readonly isLook?: boolean;
  readonly onClick: () => void;
}

/** A button of something that takes permissions: grey, with the action's name, once AWS refused one. */
export function NeedyButton(props: NeedyButtonProps) {
  const { wanted, title, children, on, isQuiet, isDisabled = false, isBusy, isLook = false, onClick } = props;
  const action = refusedOf(wanted);
  const onlyShows = !isLook && isReadOnly();
  const why = onlyShows
    ? ONLY_SHOWS
    : action !== undefined
      ? `AWS refused ${action}. Load the page again once it is allowed.`
      : title;
  const button = (
    <button
      type="button"
      class={isQuiet ? 'outline small' : 'small'}
      disabled={onlyShows || isDisabled || action !== undefined}
      aria-busy={isBusy}
      aria-label={on === undefined ? undefined : `${children} ${on}`}
      title={why}
      onClick={onClick}
    >
      {children}
    </button>
  );
  if (action === undefined) return button;
  return (
    <span class="refused">
      {button}{' '}
      <small>
        needs <code>{action}</code>
      </small>
    </span>
  );
}

interface DoProps extends Pick<NeedyButtonProps, 'children' | 'on' | 'isQuiet' | 'isDisabled'> {
  readonly doing: Doing;
}

/** A button that does something, once it was shown and confirmed. */
export function Do({ doing: what, ...button }: DoProps) {
  return <NeedyButton wanted={what} title={what.title} onClick={() => open(what)} {...button} />;
}

/** The dialog in which something is shown, confirmed and done. What is shown after it was read back. */
export function DoingDialog() {
  const what = doing.value;
  return what ? <Dialog key={JSON.stringify([what.name, what.given])} what={what} /> : null;
}

function Dialog({ what }: { readonly what: Doing }) {
  const [planned, setPlanned] = useState<Planned>();
  const [answer, setAnswer] = useState<Answer>();
  const [refusal, setRefusal] = useState<string>();
  const [typed, setTyped] = useState('');
  const [isUnderWay, setUnderWay] = useState(false);
  const [given, setGiven] = useState(what.given);
  const expected = production.value ?? planned?.typed;

  const tellRefusal = (fault: unknown) => setRefusal(refusalText(fault));
  const look = (asked = given) => {
    setRefusal(undefined);
    setPlanned(undefined);
    setAnswer(undefined);
    setGiven(asked);
    if (!what.isPlanned) return;
    void plan(what.name, asked).then((found) => {
      remember(what, found.shown);
      setPlanned(found);
    }, tellRefusal);
  };
  /** The same edit, of the version that somebody else has written: who made it up for another one has seen this one now. */
  const lookAt = (version: number) => {
    const { options = {} } = given;
    look(options['if-version'] ? { ...given, options: { ...options, 'if-version': [String(version)] } } : given);
  };
  useEffect(() => look(), []);

  const close = () => {
    doing.value = undefined;
    if (answer) what.onDone?.(answer);
  };
  useClosedElsewhere(isUnderWay, close);
  const carry = async () => {
    setUnderWay(true);
    try {
      const id = planned?.plan;
      const done =
        what.isPlanned && id !== undefined ? await carryOut(id, typed) : await change(what.name, given, typed);
      remember(what, done);
      setAnswer(done);
    } catch (fault) {
      tellRefusal(fault);
    } finally {
      setUnderWay(false);
    }
  };
  const { events } = resultOf<{ events?: unknown }>(planned?.shown) ?? {};
  const title = typeof events === 'number' ? (what.counting?.(events) ?? what.title) : what.title;
  const conflict = [answer, planned?.shown].some(isConflict) ? conflictOf(given, planned) : undefined;
  const isReady = what.isPlanned ? planned?.plan !== undefined : true;
  return (
    <Modal labelledBy="doing-title" isHeld={isUnderWay} onClose={close}>
      <article>
        <header>
          <h2 id="doing-title">{title}</h2>
        </header>
        {what.isPlanned && !planned && !refusal && <p aria-busy="true">Looking at what it comes to…</p>}
        {planned && !answer && (
          <>
            <Shown answer={planned.shown} />
            <Remarks answer={planned.shown} />
            <CommandLine text={planned.shown.command} />
          </>
        )}
        {answer && (
          <>
            <p role="status">
              <Outcome answer={answer} />
            </p>
            <Shown answer={answer} />
            <Remarks answer={answer} />
            <CommandLine text={answer.command} />
          </>
        )}
        {conflict && <Conflict {...conflict} onAgain={lookAt} />}
        {refusal !== undefined && (
          <p role="alert" class="fault">
            {refusal}
          </p>
        )}
        {!answer && isReady && expected !== undefined && (
          <label>
            To go on, type <code>{expected}</code>
            <input value={typed} onInput={(event) => setTyped(event.currentTarget.value)} autocomplete="off" />
          </label>
        )}
        <footer>
          {answer === undefined && (
            <button
              type="button"
              disabled={!isReady || isUnderWay || (expected !== undefined && typed !== expected)}
              aria-busy={isUnderWay}
              onClick={() => void carry()}
            >
              {title}
            </button>
          )}{' '}
          {(answer === undefined || (isConflict(answer) && !conflict)) && what.isPlanned && (
            <button type="button" class="secondary outline" disabled={isUnderWay} onClick={() => look()}>
              Look again
            </button>
          )}{' '}
          <button type="button" class="secondary" disabled={isUnderWay} onClick={close}>
            {answer ? 'Close' : 'Back'}
          </button>
        </footer>
      </article>
    </Modal>
  );
}

/** What it came to, in a few words. A replay that takes hours has only begun. */
function Outcome({ answer }: { readonly answer: Answer }) {
  const { run } = resultOf<{ run?: unknown }>(answer) ?? {};
  if (answer.exitCode !== 0 || typeof run !== 'string') return <>{outcomeText(answer)}</>;
  return (
    <>
      It has begun: <a href={hrefOf('replays', { replay: run })}>replay {run}</a>
    </>
  );
}

/** Which parameter an edit is of, and which version it was made up for; undefined for what is no edit. */
function conflictOf({ options = {} }: Given, planned: Planned | undefined) {
  const { version } = resultOf<{ version?: number }>(planned?.shown) ?? {};
  const [named, expected] = [options['edit'], options['if-version']].map((one) =>
    one === true ? undefined : one?.[0],
  );
  const parameter = named ?? facts.value?.where.parameters[0];
  const base = version ?? (expected === undefined ? undefined : Number(expected));
  return parameter === undefined || base === undefined ? undefined : { parameter, version: base };
}

/** What an operation comes to, in the words that its JSON has. */
function Shown({ answer }: { readonly answer: Answer }) {
  const [result] = answer.results;
  if (typeof result === 'string') return <Invoked text={result} hasFailed={answer.exitCode !== 0} />;
  if (typeof result !== 'object' || result === null) return null;
  const { written, removed, added, events, groups, first, oldestAt, newestAt, takesAtLeastMs, waits } = result as {
    written?: boolean;
    removed?: readonly string[];
    added?: readonly string[];
    events?: number;
    groups?: readonly { function: string; source: string; status: string; events: number }[];
    first?: readonly string[];
    oldestAt?: string;
    newestAt?: string;
    takesAtLeastMs?: number;
    waits?: readonly { function: string; why: string; until?: string }[];
  };
  return (
    <>
      {events !== undefined && (
        <p>
          <strong>{counted(events, 'event')}</strong>
          {oldestAt !== undefined && newestAt !== undefined && (
            <>
              {' deferred from '}
              <Time at={oldestAt} isBare /> to <Time at={newestAt} isBare />
            </>
          )}
          {takesAtLeastMs !== undefined && `; takes ${durationText(Math.ceil(takesAtLeastMs / 1_000) * 1_000)} or more`}
        </p>
      )}
      {groups && groups.length > 0 && (
        <ul>
          {groups.map(({ function: name, source, status, events: count }) => (
            <li key={`${name} ${source} ${status}`}>
              {name}: {counted(count, `${status} event`)} of {source}
            </li>
          ))}
        </ul>
      )}
      <Others found={result as OthersJson} />
      {deedTexts(result).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {first && first.length > 0 && (
        <p>
          First:{' '}
          {first.map((id) => (
            <span key={id}>
              <code>{id}</code>{' '}
            </span>
          ))}
        </p>
      )}
      {waits?.map(({ function: name, why, until }) => (
        <p key={name}>
          {name} would wait: {why}
          {until !== undefined && (
            <>
              , until <Time at={until} />
            </>
          )}
        </p>
      ))}
      <Outlook outlook={result as OutlookJson} />
      {written === false && !removed && !added && <p>Nothing would be written: it is so already.</p>}
      {(removed || added) && <Difference removed={removed ?? []} added={added ?? []} />}
    </>
  );
}

function Invoked({ text, hasFailed }: { readonly text: string; readonly hasFailed: boolean }) {
  return (
    <>
      <p class={hasFailed ? 'fault' : ''}>{hasFailed ? 'The function failed with' : 'The function answered'}</p>
      <AsWritten text={text} />
    </>
  );
}
