import { InvalidArgumentError } from 'commander';
import { FROM_DRAIN, type ReplayRun } from '../../../core/runs/run.ts';
import { LEAST_RATE_PER_SECOND } from '../../../core/sources/auto-replay.ts';
import { shown } from '../../../core/text/shown.ts';
import { type OpenArchive, withArchive } from '../../access/archive.ts';
import { noteDeed } from '../../events/note-deed.ts';
import { type Resumed, resumeDrain, tellEnded } from '../../replay/drain.ts';
import { withItsExecution } from '../../replay/executions.ts';
import { changeRun, type RunChange, type RunChanged, runNamed } from '../../replay/runs.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import { concurrencyValue, rateValue } from '../replay/options.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { paceText, RUN_NAMED, RUN_STATUS_MEANINGS, whyText } from './run-text.ts';

export const addPause: AddNoun = (replays, acting) => {
  const command = replays
    .command('pause')
    .description('have replays send nothing more, wherever they run, until they are resumed; what is under way ends')
    .argument('<ids...>', `replays, each by ${RUN_NAMED}`)
    .action(acting((session: Session, ids: readonly string[]) => change(session, ids, { kind: 'pause' })));
  withExamples(command, 'replays pause 3f2a91c0');
};

export const addResume: AddNoun = (replays, acting) => {
  const command = replays
    .command('resume')
    .description('have replays go on that are paused, or whose execution was ended; a rate begins at a tenth again')
    .argument('<ids...>', `replays, each by ${RUN_NAMED}`)
    .action(acting((session: Session, ids: readonly string[]) => change(session, ids, { kind: 'resume' })));
  withExamples(command, 'replays resume 3f2a91c0');
};

export const addCancel: AddNoun = (replays, acting) => {
  const command = replays
    .command('cancel')
    .description('end replays, wherever they run; what is under way ends first, and the rest stays to be replayed')
    .argument('<ids...>', `replays, each by ${RUN_NAMED}`)
    .action(acting((session: Session, ids: readonly string[]) => change(session, ids, { kind: 'cancel' })));
  withExamples(command, 'replays cancel 3f2a91c0');
};

interface SetOptions {
  readonly rate?: number;
  readonly concurrency?: number;
}

export const addSet: AddNoun = (replays, acting) => {
  const command = replays
    .command('set')
    .description('change how fast replays go, wherever they run')
    .argument('<ids...>', `replays, each by ${RUN_NAMED}`)
    .option(
      '--rate <number/s>',
      'at most so many events a second, or none; a higher one is reached step by step',
      rateOrNone,
    )
    .option('--concurrency <number>', 'at most so many at once', concurrencyValue)
    .action(acting(set));
  withExamples(command, 'replays set 3f2a91c0 --rate 20/s', 'replays set 3f2a91c0 --rate none --concurrency 50');
};

async function set(session: Session, ids: readonly string[], { rate, concurrency }: SetOptions): Promise<number> {
  if (rate === undefined && concurrency === undefined) throw usage('say what to set: --rate, --concurrency or both');
  return change(session, ids, {
    kind: 'set',
    ...(rate !== undefined && { ratePerSecond: rate }),
    ...(concurrency !== undefined && { concurrency }),
  });
}

/** All are found before the first is changed. */
async function change(session: Session, ids: readonly string[], wanted: RunChange): Promise<number> {
  await session.place();
  const { output } = session;
  return withArchive(session, async (archive) => {
    const runs: ReplayRun[] = [];
    for (const id of new Set(ids)) runs.push(await withItsExecution(session, await runNamed(archive, id)));
    if (!(await session.mayChange())) return NOT_ALL_DONE;
    session.changing();
    const outcomes: Outcome[] = [];
    for (const run of runs) {
      const outcome = await changeOne(session, archive, run, wanted);
      await noteChange(session, archive, wanted, outcome);
      outcomes.push(outcome);
    }
    const [over, done] = [true, false].map((isOver) =>
      outcomes.filter(({ changed }) => (changed.kind === 'over') === isOver),
    ) as [typeof outcomes, typeof outcomes];
    output.show(
      {
        changed: done.map(({ run, changed }) => ({ id: run.id, outcome: changed.kind })),
        left: over.map(({ run }) => run.id),
      },
      () => done.map((outcome) => doneText(outcome, wanted, output)).join('\n'),
    );
    for (const { run, changed } of over) output.warn(`${run.id} is left as it is: ${whyLeft(run, changed)}`);
    for (const { run, unknown } of done)
      if (unknown !== undefined)
        output.warn(`whether the execution of ${run.id} goes on is not known (${unknown}): ${IF_ENDED}`);
    return over.length > 0 ? NOT_ALL_DONE : DONE;
  });
}

async function changeOne(session: Session, archive: OpenArchive, run: ReplayRun, wanted: RunChange): Promise<Outcome> {
  const changed = await changeRun(archive, run, wanted);
  if (changed.kind === 'ended') await tellEnded(session, run).catch((fault) => session.output.warn(untold(run, fault)));
  return wanted.kind === 'resume' && changed.kind !== 'over' && run.from === FROM_DRAIN
    ? resumedOf(run, changed, await resumeDrain(session, archive, run))
    : { run, changed };
}

/** The record of a replay tells who began it, and who wanted something of it last, and no more. */
async function noteChange(
  session: Session,
  archive: OpenArchive,
  wanted: RunChange,
  { run, changed: { kind } }: Outcome,
): Promise<void> {
  if (kind === 'as-before' || kind === 'over') return;
  const { id, selection } = run;
  await noteDeed(session, archive, {
    kind: NOTED[wanted.kind],
    events: 0,
    functions: selection.functions,
    replays: [id],
  });
}

const NOTED = { pause: 'paused', resume: 'resumed', cancel: 'cancelled', set: 'set' } as const;

/** What became of one of them. */
interface Outcome {
  readonly run: ReplayRun;
  readonly changed: RunChanged;
  /** Why it is not known whether its execution goes on. */
  readonly unknown?: string;
}

const IF_ENDED = 'if it was ended, resume begins the replay again ten minutes after it was heard of last';

/** What was wanted to go on before, and has somebody who does, is as it was. */
function resumedOf(run: ReplayRun, changed: RunChanged, resumed: Resumed): Outcome {
  if (resumed.kind === 'begun') return { run, changed: { kind: 'changed' } };
  const { unknown } = resumed;
  const isAsBefore = run.wishes.wanted === 'running';
  return { run, changed: isAsBefore ? { kind: 'as-before' } : changed, ...(unknown !== undefined && { unknown }) };
}

function doneText({ run, changed: { kind } }: Outcome, wanted: RunChange, output: Output): string {
  const what = `${run.id} (${shown(run.name)})`;
  if (kind === 'as-before') {
    const why = wanted.kind === 'resume' && run.waiting ? `; it waits: ${whyText(run, output)}` : '';
    return `${AS_BEFORE[wanted.kind]}: ${what}${why}`;
  }
  if (kind === 'ended') return `Cancelled: ${what}; nobody was at work on it`;
  if (wanted.kind !== 'set') return `${WITHIN[wanted.kind]}: ${what}`;
  const { ratePerSecond = run.ratePerSecond, concurrency = run.concurrency } = wanted;
  const isLimited = ratePerSecond !== undefined && Number.isFinite(ratePerSecond);
  return `Set within 5 s to ${paceText({ concurrency, ...(isLimited && { ratePerSecond }) })}: ${what}`;
}

function untold({ id }: ReplayRun, fault: unknown): string {
  return `${id} has ended, and the event bus is not told: ${fault instanceof Error ? fault.message : fault}`;
}

const WITHIN = {
  pause: 'Pauses within 5 s, once what is under way has ended',
  resume: 'Goes on within 5 s',
  cancel: 'Ends within 5 s, once what is under way has ended',
} as const;

const AS_BEFORE = {
  pause: 'Was to pause before',
  resume: 'Was to go on before',
  cancel: 'Was cancelled before',
  set: 'Was so before',
} as const;

function whyLeft({ from, execution }: ReplayRun, changed: RunChanged): string {
  if (changed.kind !== 'over') return '';
  const { status } = changed;
  const isDrained = from === FROM_DRAIN && execution !== undefined;
  const todo = status === 'lost' ? `; ${isDrained ? OF_LOST_DRAIN : OF_LOST}` : '';
  return `it is ${status}, ${RUN_STATUS_MEANINGS[status]}${todo}`;
}

const OF_LOST = 'replay takes up what it left, and replays cancel ends its record';
const OF_LOST_DRAIN = 'replays resume has it go on, and replays cancel ends its record';

function rateOrNone(text: string): number {
  if (text === 'none') return Number.POSITIVE_INFINITY;
  try {
    return rateValue(text);
  } catch {
    throw new InvalidArgumentError(`Write events a second, ${LEAST_RATE_PER_SECOND}/s or more, or none: 50/s.`);
  }
}
