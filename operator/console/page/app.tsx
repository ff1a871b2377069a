import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { endedReplays, isGone, isStranger, production } from './api.ts';
import { DoingDialog } from './parts/action.tsx';
import { now, zone } from './parts/clock.ts';
import { facts } from './parts/facts.ts';
import { who } from './parts/who.ts';
import { hrefOf, place } from './place.ts';
import { instantText } from './text.ts';
import { Audit } from './views/audit.tsx';
import { Backlog } from './views/backlog.tsx';
import { Events } from './views/events.tsx';
import { Failures } from './views/failures.tsx';
import { Functions } from './views/functions.tsx';
import { Now } from './views/now.tsx';
import { Replays } from './views/replays.tsx';
import { Report } from './views/report.tsx';
import { Windows } from './views/windows.tsx';

const VIEWS: Readonly<Record<string, readonly [name: string, view: ComponentType]>> = {
  now: ['Now', Now],
  windows: ['Windows', Windows],
  backlog: ['Backlog', Backlog],
  events: ['Events', Events],
  failures: ['Failures', Failures],
  replays: ['Replays', Replays],
  functions: ['Functions', Functions],
  audit: ['Audit', Audit],
  report: ['Report', Report],
};

export function App() {
  const { view } = place.value;
  const [title, View] = viewOf(view);
  useTitle(title);
  return (
    <>
      <Head />
      {isGone.value && (
        <p role="alert" class="banner">
          The console does not answer: what is shown may be old. Does it still run in its terminal?
        </p>
      )}
      {isStranger.value && (
        <p role="alert" class="banner">
          This console has ended, and another one may run in its place: open the address that its terminal shows.
        </p>
      )}
      {endedReplays.value.map(({ run, why }) => (
        <p key={run} role="alert" class="banner">
          Replay <a href={hrefOf('replays', { replay: run })}>{run}</a> has ended, and its record may not say so:{' '}
          <span class="as-is">{why}</span>. What it had not sent stays pending.
        </p>
      ))}
      <main class="container">
        <Guarded key={view} View={View} />
      </main>
      <DoingDialog />
    </>
  );
}

/** Any name may stand in the address. */
function viewOf(name: string): readonly [name: string, view: ComponentType] {
  return (Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined) ?? ['Now', Now];
}

/** That of the tab: which view, and where. */
function useTitle(view: string): void {
  const { value: context } = production;
  const title = [view, context === undefined ? undefined : `${context}: production`, 'Maintenance windows'];
  useEffect(() => {
    document.title = title.filter((part) => part !== undefined).join(' · ');
  }, [view, context]);
}

/** What is shown may be another thing by then. */
const SHOWN_AGAIN_MS = 5_000;

/** A defect of one view leaves the others, and may be one of a moment. It is thrown on as well, for the browser's own log. */
function Guarded({ View }: { readonly View: ComponentType }) {
  const [fault, showAgain] = useErrorBoundary((error) => reportError(error));
  const { query } = place.value;
  useEffect(() => {
    if (fault === undefined) return undefined;
    const timer = setTimeout(showAgain, SHOWN_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [fault]);
  useEffect(() => {
    if (fault !== undefined) showAgain();
  }, [query]);
  if (fault === undefined) return <View />;
  return (
    <p role="alert" class="fault">
      A defect of this page, please report it: {String(fault)}
    </p>
  );
}

/** Where this is, on every view. */
function Head() {
  const here = who.value;
  const { value: context } = production;
  const current = place.value.view;
  return (
    <header class={context === undefined ? 'head' : 'head production'}>
      <div class="container">
        {context !== undefined && <strong class="context">{context}: production</strong>}
        <p class="where">
          {here && (
            <>
              {here.alias ?? here.account ?? 'account not known'} · {here.region} · {here.parameters.join(', ')} ·{' '}
              {here.table}
              {here.arn !== undefined && ` · ${here.arn}`}
            </>
          )}
          {facts.value?.isReadOnly && ' · read only'} · {instantText(new Date(now.value).toISOString(), zone.value)}{' '}
          {zone.value}
        </p>
        <nav aria-label="Views">
          <ul>
            {Object.entries(VIEWS).map(([name, [title]]) => (
              <li key={name}>
                <a href={hrefOf(name)} aria-current={name === current ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </header>
  );
}
