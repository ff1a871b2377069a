import { counted, numberText } from '../../../../core/text/shown.ts';
import { Do } from '../parts/action.tsx';
import { zone } from '../parts/clock.ts';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { selectionIn } from '../parts/selection.ts';
import { Time } from '../parts/time.tsx';
import { hrefOf, place } from '../place.ts';
import type { FailureJson } from '../shapes.ts';
import { eventName, shortId } from '../text.ts';

/** To find few among a million takes minutes: what was found by then is shown, and that it is a part. */
const LOOKS_FOR = '1s';

/** Failed events, by function and error: a sample is replayed before its group is. */
export function Failures() {
  const { query } = place.value;
  const { status: _, ...options } = selectionIn(query, zone.value);
  const answer = useFollowed('events failures', { options: { ...options, within: [LOOKS_FOR] } });
  const found = resultOf<{ events: number; groups: readonly FailureJson[]; atLeast?: true }>(answer);
  return (
    <>
      <h2>Failures</h2>
      {Object.keys(options).length > 0 && (
        <p>
          Of {options['function']?.toString() ?? 'a selection'} alone. <a href={hrefOf('failures')}>All failures</a>
        </p>
      )}
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found?.groups.length === 0 && <p>{found.atLeast ? 'None was found so far.' : 'Nothing failed.'}</p>}
      {found?.groups.map(({ function: name, error, events, first, last, sample: { id: sample } }) => {
        // words of its error would be those of other groups, too
        const group = {
          ...options,
          function: [name],
          status: ['failed', 'unknown'],
          ...(error !== undefined && { 'error-is': [error] }),
        };
        return (
          <article key={`${name} ${error}`} class="window">
            <header>
              <strong>{numberText(events)}</strong> of <a href={hrefOf('events', group)}>{name}</a>{' '}
              <small>{shareText(events, found.events, found.atLeast ?? false)}</small>
            </header>
            <p class="as-is error">{error ?? 'no error was kept'}</p>
            <p>
              first <Time at={first} />, last <Time at={last} />, sample{' '}
              <a href={hrefOf('events', { ...group, event: eventName({ function: name, id: sample }) })}>
                <code>{shortId(sample)}</code>
              </a>
            </p>
            <div class="buttons">
              <Do
                on={`of ${name}, ${shortId(sample)}`}
                doing={{
                  title: `Replay the sample ${shortId(sample)}`,
                  name: 'replay',
                  given: { names: [eventName({ function: name, id: sample })] },
                  isPlanned: true,
                }}
              >
                Replay the sample
              </Do>
              {error === undefined || error === '' ? (
                // no filter means those without an error: by the others a group would be larger than it is shown
                <small>The others have nothing that they are named by: select them among the events.</small>
              ) : (
                <>
                  <Do
                    isQuiet
                    on={`of ${name} with ${shortId(sample)}`}
                    doing={{
                      title: 'Replay the group',
                      counting: (planned) => `Replay ${counted(planned, 'event')}`,
                      name: 'replay',
                      given: { options: group },
                      isPlanned: true,
                    }}
                  >
                    Replay the group
                  </Do>
                  <Do
                    isQuiet
                    on={`of ${name} with ${shortId(sample)}`}
                    doing={{
                      title: 'Discard the group',
                      counting: (planned) => `Discard ${counted(planned, 'event')}`,
                      name: 'events discard',
                      given: { options: group },
                      isPlanned: true,
                    }}
                  >
                    Discard the group
                  </Do>
                </>
              )}
            </div>
          </article>
        );
      })}
      <CommandLine text={answer?.command} />
    </>
  );
}

/** `62 % of what failed`. */
function shareText(events: number, all: number, isPart: boolean): string {
  if (events === all) return isPart ? 'all that was found to have failed' : 'all that failed';
  const share = `${Math.max(1, Math.round((100 * events) / all))} %`;
  return isPart ? `${share} of what was found to have failed` : `${share} of what failed`;
}
