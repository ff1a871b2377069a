import { expect, it } from 'vitest';
import { noCounts } from '../../../core/replay/progress/news.ts';
import { withExecutions } from '../../../core/runs/executions.ts';
import { type KeptRun, NEXT_STRETCH_MS, type ReplayRun, type RunShare, runAt } from '../../../core/runs/run.ts';
import { KEPT_RUN, RUN_BEGUN_AT } from '../../data/kept-run.ts';

const NOW = RUN_BEGUN_AT;
const FIRST = 'arn:aws:states:eu-south-1:111122223333:execution:drain:replay-0a1b2c3d';
const SECOND = 'arn:aws:states:eu-south-1:111122223333:execution:drain:resume-0a1b2c3d-1';

const SHARE: RunShare = {
  number: 0,
  functionName: 'orders',
  state: 'more',
  counts: noCounts(),
  at: NOW,
  aliveUntil: NOW + NEXT_STRETCH_MS,
};
const KEPT: KeptRun = { ...KEPT_RUN, shares: [SHARE], shareCount: 1, execution: FIRST };
const RESUMED: RunShare = { ...SHARE, number: 1, progress: { stretches: 1, damaged: 0, execution: SECOND } };

/** A run an hour later, and what was asked for it. */
async function anHourLater(kept: Partial<KeptRun>, statuses: Readonly<Record<string, string | undefined>>) {
  const asked: string[] = [];
  const [run] = await withExecutions([runAt({ ...KEPT, ...kept }, NOW + 3_600_000)], async (execution) => {
    asked.push(execution);
    const status = statuses[execution];
    if (status === 'denied') throw new Error('states:DescribeExecution is not allowed');
    return status;
  });
  return { run: run as ReplayRun, asked };
}

it.each(['ABORTED', 'FAILED', 'TIMED_OUT', undefined])(
  'a replay whose execution is %s is lost at once',
  async (status) => {
    const { run, asked } = await anHourLater({}, { [FIRST]: status });
    expect(asked).toEqual([FIRST]);
    const why = `its execution has ended (${status ?? 'gone'}), so nobody goes on with it`;
    expect(run).toMatchObject({ status: 'lost', why, aliveUntil: NOW + NEXT_STRETCH_MS });
    expect(run.waiting).toBeUndefined();
  },
);

it.each([
  ['RUNNING', 'its execution goes on'],
  ['PENDING_REDRIVE', 'its execution goes on'],
  ['SUCCEEDED', 'its execution has ended, so another one goes on with it, or nobody'],
  ['denied', 'whether its execution goes on is not known (states:DescribeExecution is not allowed)'],
])('a replay whose execution is %s waits, and says that %s', async (status, told) => {
  const { run } = await anHourLater({}, { [FIRST]: status });
  const why = `its next stretch has not begun: Lambda may have no room for it; ${told}`;
  expect(run).toMatchObject({ status: 'running', waiting: { why, sinceAt: NOW } });
});

it('is lost where none of the executions of its shares goes on, and not while one does', async () => {
  const kept = { shares: [SHARE, RESUMED], shareCount: 2 };
  const { run, asked } = await anHourLater(kept, { [FIRST]: 'ABORTED', [SECOND]: 'RUNNING' });
  expect([asked, run.status]).toEqual([[FIRST, SECOND], 'running']);
  expect((await anHourLater(kept, { [FIRST]: 'ABORTED', [SECOND]: 'FAILED' })).run.status).toBe('lost');
  expect((await anHourLater({ shares: [], shareCount: 0 }, { [FIRST]: 'ABORTED' })).run.status).toBe('lost');
});

it.each<[string, Partial<KeptRun>]>([
  ['is heard of', { shares: [{ ...SHARE, aliveUntil: NOW + 3_600_000 }] }],
  ['is paused', { wishes: { wanted: 'paused' } }],
  ['has ended', { end: { status: 'done', at: NOW, counts: noCounts() } }],
  ['is a terminal’s', { from: 'laptop' }],
])('asks for no replay that %s', async (_, kept) => {
  expect((await anHourLater(kept, {})).asked).toEqual([]);
});

it('asks no more where nobody answers, and says why of all of them', async () => {
  const runs = Array.from({ length: 100 }, (_, index) => {
    const id = index.toString(16).padStart(8, '0');
    return runAt({ ...KEPT, id, execution: `${FIRST}-${index}` }, NOW + 3_600_000);
  });
  let asked = 0;
  const told = await withExecutions(runs, async () => {
    asked += 1;
    throw new Error('no answer');
  });
  expect(asked).toBe(20);
  for (const { waiting } of told)
    expect(waiting?.why).toMatch(/whether its execution goes on is not known \(no answer\)$/);
});

it('asks of many replays a handful at once, and says of those beyond two hundred that it did not', async () => {
  const runs = Array.from({ length: 300 }, (_, index) => {
    const id = index.toString(16).padStart(8, '0');
    return runAt({ ...KEPT, id, execution: `${FIRST}-${index}` }, NOW + 3_600_000);
  });
  let [asking, atOnce, asked] = [0, 0, 0];
  const told = await withExecutions(runs, async () => {
    asked += 1;
    asking += 1;
    atOnce = Math.max(atOnce, asking);
    await new Promise(setImmediate);
    asking -= 1;
    return 'ABORTED';
  });
  expect([asked, atOnce]).toEqual([200, 20]);
  expect(told.map(({ status }) => status)).toEqual([...Array(200).fill('lost'), ...Array(100).fill('running')]);
  expect(told.at(-1)?.waiting?.why).toMatch(
    /whether its execution goes on was not asked: there are many such replays$/,
  );
});
