import { useMemo } from 'preact/hooks';
import { counted, numberText } from '../../../../../core/text/shown.ts';
import { durationText } from '../../../../../core/time/time-text.ts';
import { resultOf, useFollowed } from '../../parts/followed.ts';
import { Plot } from '../../parts/plot.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { hrefOf } from '../../place.ts';
import type { BacklogJson, WholeRunJson } from '../../shapes.ts';
import { courseOf, failedOf, replayedOf, type SeenWait, type Watched } from './course.ts';

interface LiveProps {
  readonly run: WholeRunJson;
  readonly watched: Watched;
}

/** How far a replay is, and how fast it goes, for as long as it is watched. */
export function Live({ run, watched }: LiveProps) {
  const { times, series } = useMemo(() => courseOf(watched), [watched]);
  const isOver = run.endedAt !== undefined;
  const [current = 0, failing = 0] = series.map(({ values }) => values.at(-1) ?? 0);
  return (
    <section aria-label="How far it is">
      <div class="tiles">
        <Tile name="replayed" value={numberText(replayedOf(run))} href={hrefOf('events', { run: run.id })} />
        <Tile
          name="failed"
          value={numberText(failedOf(run))}
          href={hrefOf('events', { run: run.id, status: ['failed', 'unknown'] })}
          isBad={failedOf(run) > 0}
        />
        {!isOver && (
          <>
            <Tile
              name={run.ratePerSecond === undefined ? 'a second' : `a second, of ${run.ratePerSecond} asked for`}
              value={times.length === 0 ? '…' : numberText(Math.round((current + failing) * 10) / 10)}
            />
            <Left run={run} rate={current + failing} />
          </>
        )}
      </div>
      {times.length > 1 && (
        <>
          <h3>While it is watched</h3>
          <Plot label="Events a second" times={times} series={series} unit="/s" />
          <p>
            <small>
              Events a second over ten seconds, as told every two seconds by who does the replay. A rate begins at a
              tenth, and is whole after half a minute.
            </small>
          </p>
        </>
      )}
      <Waits waits={watched.waits} />
    </section>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly href?: string;
  readonly isBad?: boolean;
}

function Tile({ name, value, href, isBad = false }: TileProps) {
  const told = (
    <>
      <strong>{value}</strong> <span>{name}</span>
    </>
  );
  const look = isBad ? 'tile failed' : 'tile';
  if (href === undefined) return <div class={look}>{told}</div>;
  return (
    <a class={look} href={href}>
      {told}
    </a>
  );
}

/** What is pending of its functions and sources. How long that takes is told where all of it is meant. */
function Left({ run: { events: meant, plan }, rate }: { readonly run: WholeRunJson; readonly rate: number }) {
  const { functions, sources } = meant;
  const of = { function: functions, ...(sources && { source: sources }) };
  const backlog = resultOf<BacklogJson>(useFollowed('events backlog', { options: of }));
  if (!backlog) return null;
  const pending = backlog.groups.reduce((sum, { status, events }) => sum + (status === 'pending' ? events : 0), 0);
  const { ids, window, error, errorIs, grep, from, until, underFrom } = meant;
  const areAllMeant = [ids, window, error, errorIs, grep, from, underFrom, plan.limit].every(
    (each) => each === undefined,
  );
  // what came after its plan waits as well, and is not among what it takes
  const most = until === undefined ? '' : 'at most ';
  const takes =
    rate > 0 && areAllMeant && pending > 0 ? `, for ${most}${durationText((pending / rate) * 1_000)} at this rate` : '';
  return (
    <Tile
      name={`still pending of ${functions.length === 1 ? 'its function' : 'its functions'}${takes}`}
      value={`${backlog.atLeast ? 'at least ' : ''}${numberText(pending)}`}
      href={hrefOf('backlog', of)}
    />
  );
}

/** Throttles, windows, rates: whatever it told that it waited for. */
function Waits({ waits }: { readonly waits: readonly SeenWait[] }) {
  if (waits.length === 0) return null;
  return (
    <>
      <h3>What it waited for</h3>
      <Table heads={['Function', 'Why', 'First seen', 'Last seen']}>
        {waits.toReversed().map(({ function: name, why, firstAt, lastAt }) => (
          <tr key={`${name} ${why}`}>
            <td>{name ?? 'all'}</td>
            <td class="as-is">{why}</td>
            <td>
              <Time at={new Date(firstAt).toISOString()} isBare />
            </td>
            <td>
              <Time at={new Date(lastAt).toISOString()} isBare />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** `the first 20 before all others: 12 of them have ended`. */
export function canaryText({ plan: { canary = 0 }, ...run }: WholeRunJson): string {
  const ended = replayedOf(run) + failedOf(run);
  const first = `the first ${numberText(canary)} before all others`;
  return ended < canary ? `${first}: ${numberText(ended)} of them have ended` : `${first}: they have ended`;
}

/** `at 10 failures: 3 so far`. */
export function stopText({ plan: { stopAfter }, ...run }: WholeRunJson): string {
  const [failed, ended] = [failedOf(run), failedOf(run) + replayedOf(run)];
  if (stopAfter.kind === 'count') return `at ${counted(stopAfter.failures, 'failure')}: ${numberText(failed)} so far`;
  const part = ended === 0 ? 0 : Math.round((failed / ended) * 1_000) / 10;
  return `once ${stopAfter.percent}% failed, of ten or more: ${part}% so far`;
}
