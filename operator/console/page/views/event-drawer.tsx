import { useEffect, useRef } from 'preact/hooks';
import { Do } from '../parts/action.tsx';
import { Body } from '../parts/body.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { CommandLine, Remarks } from '../parts/remarks.tsx';

/** All that is known of one event, but its body. */
export function EventDrawer({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const answer = useFollowed('events show', { names: [id] });
  const event = resultOf<Readonly<Record<string, unknown>>>(answer);
  const given = { names: [id] };
  return (
    <dialog ref={dialog} class="drawer" aria-labelledby="event-title" onClose={onClose}>
      <article>
        <header>
          <button type="button" aria-label="Close" class="close" onClick={() => dialog.current?.close()} />
          <h2 id="event-title">
            <code>{id}</code>
          </h2>
        </header>
        {!answer && <p aria-busy="true">Looking…</p>}
        <Remarks answer={answer} />
        {event && (
          <dl class="facts">
            {Object.entries(event).flatMap(([name, value]) => [
              <dt key={`${name}-name`}>{name}</dt>,
              <dd key={name} class="as-is">
                {typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)}
              </dd>,
            ])}
          </dl>
        )}
        <Body id={id} />
        <footer class="buttons">
          <Do doing={{ title: `Replay ${id}`, name: 'replay', given, isPlanned: true }}>Replay</Do>
          <Do doing={{ title: `Discard ${id}`, name: 'events discard', given, isPlanned: true }} isQuiet>
            Discard
          </Do>
          <Do doing={{ title: `Restore ${id}`, name: 'events restore', given, isPlanned: false }} isQuiet>
            Restore
          </Do>
        </footer>
        <CommandLine text={answer?.command} />
      </article>
    </dialog>
  );
}
