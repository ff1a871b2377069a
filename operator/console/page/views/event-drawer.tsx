import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Do } from '../parts/action.tsx';
import { Body } from '../parts/body.tsx';
import { Field } from '../parts/field.tsx';
import { resultOf, useFollowed } from '../parts/followed.ts';
import { LogLink } from '../parts/log-link.tsx';
import { Modal } from '../parts/modal.tsx';
import { CommandLine, Remarks } from '../parts/remarks.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import type { AttemptJson, WholeEventJson } from '../shapes.ts';
import { idOf, sizeText, tookText } from '../text.ts';
import { reasonOption } from './reason.ts';

/**
 * All that is known of one event, but its body.
 *
 * @param name its id, or FUNCTION#ID
 */
export function EventDrawer({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const answer = useFollowed('events show', { names: [name] });
  const event = resultOf<WholeEventJson>(answer);
  return (
    <Modal class="drawer" labelledBy="event-title" onClose={onClose}>
      <article>
        <header>
          <button type="button" aria-label="Close" class="close" onClick={onClose} />
          <h2 id="event-title">
            <code>{idOf(name)}</code>
          </h2>
        </header>
        {!answer && <p aria-busy="true">Looking…</p>}
        <Remarks answer={answer} />
        {event && (
          <>
            <Facts event={event} />
            <Attempts event={event} />
          </>
        )}
        <Body name={name} />
        {event && <Deeds name={name} status={event.status} />}
        <CommandLine text={answer?.command} />
        {event && <Others event={event} />}
      </article>
    </Modal>
  );
}

/** What is told in words of its own; all else stands below, by the names that the tool's JSON has. */
const TOLD = ['id', 'function', 'source', 'status', 'deferredAt', 'bytes', 'orderKeys', 'lastError', 'damaged'];
const TOLD_OF_WINDOW = ['windowStart', 'windowEnd', 'windowReason', 'doneBy', 'doneAt', 'expiresAt', 'history'];

function Facts({ event }: { readonly event: WholeEventJson }) {
  const { id, function: name, source, status, deferredAt, bytes, orderKeys = [], lastError, damaged } = event;
  const { windowStart, windowEnd, windowReason, doneBy, doneAt, expiresAt, leaseUntil, leaseBy } = event;
  const isInHand = status === 'replaying' || status === 'unknown';
  return (
    <dl>
      <Fact name="Status">
        <span class={`status ${status}`}>{status}</span> {damaged}
      </Fact>
      <Fact name="Function">{name}</Fact>
      {source !== undefined && <Fact name="Source">{source}</Fact>}
      {deferredAt !== undefined && (
        <Fact name="Deferred">
          <Time at={deferredAt} />{' '}
          <LogLink functionName={name} from={Date.parse(deferredAt) - LOG_BEFORE_MS} text={id}>
            its log
          </LogLink>
        </Fact>
      )}
      {windowStart !== undefined && (
        <Fact name="Window">
          <Time at={windowStart} isBare /> to {windowEnd === undefined ? 'no end' : <Time at={windowEnd} isBare />}
          {windowReason !== undefined && <span class="as-is">: {windowReason}</span>}
        </Fact>
      )}
      {bytes !== undefined && <Fact name="Size">{sizeText(bytes)}</Fact>}
      {orderKeys.length > 0 && (
        <Fact name="In order with">
          <span class="as-is">
            {orderKeys.map(({ key, sequence }) => (sequence === undefined ? key : `${key} (${sequence})`)).join('\n')}
          </span>
        </Fact>
      )}
      {isInHand && leaseUntil !== undefined && (
        <Fact name="In the hands of">
          {leaseBy}, until <Time at={leaseUntil} />
        </Fact>
      )}
      {lastError !== undefined && (
        <Fact name="Last error">
          <span class="as-is fault">{lastError}</span>
        </Fact>
      )}
      {doneAt !== undefined && (
        <Fact name="Done">
          <Time at={doneAt} /> by {doneBy ?? 'somebody'}
          {expiresAt !== undefined && (
            <>
              , kept until <Time at={expiresAt} isBare />
            </>
          )}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** The clocks of AWS and of who wrote an attempt down may differ. */
const LOG_BEFORE_MS = 60_000;

/** Each attempt, and what was done by hand: oldest first. */
function Attempts({ event: { function: name, history = [] } }: { readonly event: WholeEventJson }) {
  if (history.length === 0) return null;
  return (
    <section aria-label="Attempts">
      <h3>Attempts</h3>
      <Table heads={['When', 'What', 'Took', 'By', 'Why', 'Log']} numbers={['Took']}>
        {history.map((attempt) => (
          <tr key={JSON.stringify(attempt)}>
            <td>
              <Time at={attempt.at} isBare />
            </td>
            <td>
              <span class={`status ${attempt.outcome}`}>{attempt.outcome}</span>
              {attempt.to !== undefined && ` as a copy by ${attempt.to}`}
            </td>
            <td>{attempt.tookMs === undefined ? '' : tookText(attempt.tookMs)}</td>
            <td class="as-is">{attempt.by}</td>
            <td class="as-is error">{attempt.error ?? attempt.reason}</td>
            <td>
              <AttemptLog functionName={attempt.to?.split(':')[0] ?? name} attempt={attempt} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** By its time: an attempt is an invocation of its own, whose id nobody here knows. */
function AttemptLog({ functionName, attempt }: { readonly functionName: string; readonly attempt: AttemptJson }) {
  const { at, tookMs } = attempt;
  if (tookMs === undefined) return null;
  const from = Date.parse(at);
  return (
    <LogLink functionName={functionName} from={from - LOG_BEFORE_MS} until={from + tookMs + LOG_BEFORE_MS}>
      log
    </LogLink>
  );
}

/** What can be done with an event in its status. */
function Deeds({ name, status }: { readonly name: string; readonly status: string }) {
  const id = idOf(name);
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const names = [name];
  const withReason = { names, options: reasonOption(reason) };
  const target = to.trim();
  const isDiscarded = status === 'discarded';
  const hasRun = status === 'replayed' || status === 'accepted';
  return (
    <section aria-label="What can be done" class="deeds">
      <div class="buttons">
        {!isDiscarded && !hasRun && (
          <Do doing={{ title: `Replay ${id}`, name: 'replay', given: { names }, isPlanned: true }}>Replay</Do>
        )}
        {hasRun && (
          <Do
            doing={{
              title: `Replay ${id} again`,
              name: 'replay',
              given: { names, options: { again: true } },
              isPlanned: true,
            }}
          >
            Replay again
          </Do>
        )}
        {!isDiscarded && !hasRun && (
          <Do isQuiet doing={{ title: `Discard ${id}`, name: 'events discard', given: withReason, isPlanned: true }}>
            Discard
          </Do>
        )}
        {isDiscarded && (
          <Do doing={{ title: `Restore ${id}`, name: 'events restore', given: withReason, isPlanned: false }}>
            Restore
          </Do>
        )}
      </div>
      <details>
        <summary class="opens">To another function, or with a reason</summary>
        <div class="grid">
          {!hasRun && <Field label="Reason to discard or restore" value={reason} set={setReason} />}
          <Field label="A copy to this function" value={to} set={setTo} example="orders-repaired:live" />
        </div>
        {target !== '' && (
          <Do
            isQuiet
            doing={{
              title: `Send a copy of ${id} to ${target}`,
              name: 'replay',
              given: { names, options: { to: [target] } },
              isPlanned: true,
            }}
          >
            Send a copy…
          </Do>
        )}
      </details>
    </section>
  );
}

function Others({ event }: { readonly event: WholeEventJson }) {
  const others = Object.entries(event).filter(([name]) => !TOLD.includes(name) && !TOLD_OF_WINDOW.includes(name));
  if (others.length === 0) return null;
  return (
    <details>
      <summary>All else that is known</summary>
      <dl>
        {others.map(([name, value]) => (
          <Fact key={name} name={name}>
            <span class="as-is">{typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)}</span>
          </Fact>
        ))}
      </dl>
    </details>
  );
}
