import { useState } from 'preact/hooks';
import { counted } from '../../../../core/text/shown.ts';
import type { Answer } from '../../answer.ts';
import { file, type Given, Unanswered } from '../api.ts';
import { NeedyButton } from '../parts/action.tsx';
import { now } from '../parts/clock.ts';
import { Modal, useClosedElsewhere } from '../parts/modal.tsx';
import { remember, type Wanted } from '../parts/refused.ts';
import { Remarks } from '../parts/remarks.tsx';

interface ExportProps {
  /** The selection. */
  readonly options: NonNullable<Given['options']>;
  /** How many that are, as far as was counted. */
  readonly events: number;
  readonly whose: string;
}

/** Takes events with their bodies away, as a file: who did is noted. */
export function ExportButton(props: ExportProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <NeedyButton
        wanted={wantedOf(props.options)}
        on={`of ${props.whose}`}
        isQuiet
        isLook
        onClick={() => setOpen(true)}
      >
        Export…
      </NeedyButton>
      {isOpen && <Dialog {...props} close={() => setOpen(false)} />}
    </>
  );
}

function wantedOf(options: ExportProps['options']): Wanted {
  return { name: 'events export', given: { options } };
}

function Dialog({ options, events, whose, close }: ExportProps & { readonly close: () => void }) {
  const [answer, setAnswer] = useState<Answer>();
  const [refusal, setRefusal] = useState<string>();
  const [isUnderWay, setUnderWay] = useState(false);
  useClosedElsewhere(isUnderWay, close);
  const write = async () => {
    setUnderWay(true);
    try {
      const { lines, answer: told } = await file('events export', { options });
      if (isWhole(told)) save(lines);
      remember(wantedOf(options), told);
      setAnswer(told);
    } catch (fault) {
      setRefusal(fault instanceof Unanswered ? fault.message : 'The file broke off: is the console still there?');
    } finally {
      setUnderWay(false);
    }
  };
  return (
    <Modal labelledBy="export-title" isHeld={isUnderWay} onClose={close}>
      <article>
        <header>
          <h2 id="export-title">Export {whose}</h2>
        </header>
        <p>
          {counted(events, 'event')} with their bodies, one line of JSON each, as <code>events export</code> has them.
          It is noted that you asked.
        </p>
        {answer && <p role="status">{isWhole(answer) ? 'The file is written.' : 'No file is written.'}</p>}
        <Remarks answer={answer} />
        {refusal !== undefined && <p role="alert">{refusal}</p>}
        <footer>
          {answer === undefined && (
            <button type="button" disabled={isUnderWay} aria-busy={isUnderWay} onClick={() => void write()}>
              Write the file
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

/** Damaged events are told of in a file that has all of them. */
function isWhole({ exitCode }: Answer): boolean {
  return exitCode === 0 || exitCode === 1;
}

function save(lines: Blob): void {
  const href = URL.createObjectURL(lines);
  const link = document.createElement('a');
  link.href = href;
  link.download = `events-${new Date(now.value).toISOString().slice(0, 19).replaceAll(':', '')}.jsonl`;
  link.click();
  URL.revokeObjectURL(href);
}
