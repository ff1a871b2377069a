import { type ChildProcess, type ChildProcessByStdio, fork as forkProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createSharedAccess } from '../../access/shared-access.ts';
import type { Answer, EndedReplay, Remark, Tool, Written } from '../../console/answer.ts';
import { withOption } from '../../console/operations.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session.ts';
import { optionOf, type Source } from '../settings.ts';
import { type CommandBeside, NO_CONTEXT, placeWords } from '../terminal/command-text.ts';
import { type RunProgram, remarksIn, resultsIn, runCommand } from './run-command.ts';

const DRY_RUN = '--dry-run';

/** The tool, for the console that a command of it serves. */
export interface ConsoleTool extends Tool {
  /** Interrupts what is under way, as Ctrl-C does, and waits for the end of what changes something. */
  close(): Promise<void>;
}

/**
 * Makes the tool of a console: it works where the command that serves it does.
 *
 * @param main the file of the tool, which is run anew for what takes long
 */
export function createTool(session: Session, alone: Host, runProgram: RunProgram, main: string): ConsoleTool {
  const shared = createSharedAccess(alone.clock);
  const host = { ...alone, shared };
  const place = wordsOfPlace(session);
  const command: CommandBeside = session.output.command;
  const running = new Set<ChildProcess>();
  const changes = new Set<Promise<unknown>>();
  const closing = new AbortController();
  return {
    commandText: command,
    now: shared.clock.now,
    async run(words, spent) {
      const metered = { ...host, ...(spent && { spent }) };
      const { out, meant: _, ...ended } = await runHere([...place, '-o', 'json', ...words], metered);
      return { ...ended, results: resultsIn(out), command: command(words) };
    },
    async text(words) {
      const { out, meant: _, ...ended } = await runHere([...place, ...words], host);
      return { ...ended, results: ended.exitCode === 0 || out !== '' ? [out] : [], command: command(words) };
    },
    async dryRun(words) {
      const global = [...place, '-o', 'json'];
      const asked = withOption(words, DRY_RUN);
      const { out, meant, ...ended } = await runHere([...global, ...asked], host);
      return {
        shown: { ...ended, results: resultsIn(out), command: command(words) },
        meant: meant.slice(global.length).toSpliced(asked.indexOf(DRY_RUN), 1),
      };
    },
    begin: (words, tell) => beginProcess([...place, '-o', 'json', ...words], command(words), tell),
    write: (words, signal) => writeLines([...place, ...words], command(words), signal),
    async close() {
      closing.abort(INTERRUPTED);
      for (const child of running) child.kill('SIGINT');
      await Promise.all([...changes, ...[...running].map((child) => isUnderWay(child) && once(child, 'close'))]);
      shared.close();
    },
  };

  /** In this process. One that has to put right what it began is waited for at the end. */
  async function runHere(words: readonly string[], around: Host): ReturnType<typeof runCommand> {
    const { promise: isOver, resolve: over } = Promise.withResolvers<void>();
    const interrupted = () => {
      changes.add(isOver);
      return AbortSignal.any([closing.signal]);
    };
    try {
      return await runCommand(words, { ...around, interrupted }, runProgram);
    } finally {
      changes.delete(isOver);
      over();
    }
  }

  function fork(words: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    // a terminal sends Ctrl-C to all of its processes: who heard it there and from the console would be ended by the second
    const apart = { detached: true, windowsHide: true };
    const child = forkProcess(main, words, {
      env: host.environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...apart,
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child as ChildProcessByStdio<null, Readable, Readable>;
  }

  function writeLines(words: readonly string[], text: string, signal: AbortSignal): Written {
    const child = fork(words);
    const err: string[] = [];
    keepLines(child.stderr, err);
    signal.addEventListener('abort', () => child.kill('SIGINT'));
    let denied: string | undefined;
    child.on('message', (told: { readonly denied?: string }) => {
      denied = told.denied;
    });
    const ended = once(child, 'close').then(() => ({
      exitCode: exitCodeOf(child),
      results: [],
      remarks: [...remarksIn(err.join('\n')), ...killedRemarks(child)],
      ...(denied !== undefined && { denied }),
      command: text,
    }));
    return { lines: Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>, ended };
  }

  /** It tells of its record as soon as it has one, or that it has none. One that ends before is answered with all that it said. */
  async function beginProcess(
    words: readonly string[],
    text: string,
    tellEnded: (replay: EndedReplay) => void,
  ): Promise<Answer> {
    const child = fork(words);
    const [out, err]: [string[], string[]] = [[], []];
    keepLines(child.stdout, out);
    keepLines(child.stderr, err);
    let denied: string | undefined;
    let run: string | undefined;
    let hasNoRecord = false;
    const recorded = new Promise<readonly unknown[]>((resolve) => {
      child.on('message', (told: ToldByReplay) => {
        run ??= told.run;
        hasNoRecord ||= told.unrecorded === true;
        if (told.run !== undefined) resolve([told]);
        else if (told.unrecorded) resolve([]);
        else denied = told.denied;
      });
    });
    const ended = once(child, 'close').then(() => {
      const said = [...remarksIn(err.join('\n')), ...killedRemarks(child)];
      const why = said.findLast(({ kind }) => kind === 'fault')?.text;
      if (run !== undefined && why !== undefined) tellEnded({ run, why });
      return resultsIn(out.join('\n'));
    });
    const results = await Promise.race([recorded, ended]);
    // what one that went ended with is told by its record, however soon that was
    const began = run !== undefined;
    const said = [...remarksIn(err.join('\n')), ...(began ? [] : killedRemarks(child))];
    // a message may be here before the line that says why
    const isSaid = !hasNoRecord || said.some(({ kind }) => kind === 'warning');
    return {
      exitCode: began ? 0 : exitCodeOf(child),
      results: began ? [{ run }] : results,
      remarks: isSaid ? said : [...said, NO_RECORD],
      ...(denied !== undefined && { denied }),
      command: text,
    };
  }
}

/** What a replay's process tells: its record, that it has none, or which action was refused that ends it. */
interface ToldByReplay {
  readonly run?: string;
  readonly unrecorded?: true;
  readonly denied?: string;
}

const NO_RECORD: Remark = {
  kind: 'warning',
  text: 'this replay has no record, and nobody else can pause or cancel it',
};

function isUnderWay({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** That of a process as a shell tells it, which has a number for each signal as well; 0 of one that goes on. */
function exitCodeOf({ exitCode, signalCode }: ChildProcess): number {
  return signalCode === null ? (exitCode ?? 0) : SIGNALLED + constants.signals[signalCode];
}

/** A process that a signal ended could not say so itself. */
function killedRemarks({ signalCode }: ChildProcess): readonly Remark[] {
  if (signalCode === null) return [];
  return [{ kind: 'fault', text: `its process was ended by ${signalCode}: what it had to do is not done` }];
}

const SIGNALLED = 128;
const INTERRUPTED = SIGNALLED + constants.signals.SIGINT;

/** What a replay says of each of its events is told by its record; what it ends with comes last. */
const MOST_LINES = 100;

function keepLines(stream: Readable, lines: string[]): void {
  createInterface({ input: stream }).on('line', (line) => {
    if (lines.push(line) > MOST_LINES) lines.shift();
  });
}

/**
 * Where a console works stays, whatever is in use later, and whatever is made of its context meanwhile: pages say it once. And the
 * context was named, by whoever typed its name here.
 */
function wordsOfPlace({ words, settings }: Session): readonly string[] {
  const { context, sources, parameters, table } = settings;
  const typed = placeWords(words);
  if (!context) return typed.includes(NO_CONTEXT) ? typed : [...typed, NO_CONTEXT];
  const named = context.isNamed ? [] : ['--context', context.name];
  const said = (['profile', 'region', 'endpointUrl'] as const).flatMap((setting) => {
    const source = sources[setting];
    return source.kind === 'context' ? [optionOf(setting), source.text] : [];
  });
  const mayMove = ({ kind }: Source) => kind === 'context' || kind === 'default';
  const places = [
    ...(mayMove(sources.parameter) ? ['--parameter', parameters.join(',')] : []),
    ...(mayMove(sources.table) ? ['--table', table] : []),
  ];
  return [...typed, ...named, ...said, ...places];
}
