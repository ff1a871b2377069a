import { type ChildProcess, type ChildProcessByStdio, fork as forkProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createSharedAccess } from '../../access/shared-access.ts';
import type { Answer, EndedReplay, Tool, Written } from '../../console/answer.ts';
import { withOption } from '../../console/operations.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session.ts';
import { type CommandBeside, placeWords } from '../terminal/command-text.ts';
import { type RunProgram, remarksIn, resultsIn, runCommand } from './run-command.ts';

const DRY_RUN = '--dry-run';

/** The tool, for the console that a command of it serves. */
export interface ConsoleTool extends Tool {
  /** Interrupts what runs as a process of its own, as Ctrl-C does, and waits for its end. */
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
  return {
    commandText: command,
    now: shared.clock.now,
    async run(words, spent) {
      const metered = { ...host, ...(spent && { spent }) };
      const { out, meant: _, ...ended } = await runCommand([...place, '-o', 'json', ...words], metered, runProgram);
      return { ...ended, results: resultsIn(out), command: command(words) };
    },
    async text(words) {
      const { out, meant: _, ...ended } = await runCommand([...place, ...words], host, runProgram);
      return { ...ended, results: ended.exitCode === 0 ? [out] : [], command: command(words) };
    },
    async dryRun(words) {
      const global = [...place, '-o', 'json'];
      const asked = withOption(words, DRY_RUN);
      const { out, meant, ...ended } = await runCommand([...global, ...asked], host, runProgram);
      return {
        shown: { ...ended, results: resultsIn(out), command: command(words) },
        meant: meant.slice(global.length).toSpliced(asked.indexOf(DRY_RUN), 1),
      };
    },
    begin: (words, tell) => beginProcess([...place, '-o', 'json', ...words], command(words), tell),
    write: (words, signal) => writeLines([...place, ...words], command(words), signal),
    async close() {
      for (const child of running) child.kill('SIGINT');
      await Promise.all([...running].map((child) => child.exitCode === null && once(child, 'close')));
      shared.close();
    },
  };

  function fork(words: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    const child = forkProcess(main, words, { env: host.environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
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
    const ended = once(child, 'close').then(([code]) => ({
      exitCode: code ?? 1,
      results: [],
      remarks: remarksIn(err.join('\n')),
      ...(denied !== undefined && { denied }),
      command: text,
    }));
    return { lines: Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>, ended };
  }

  /** It tells of its record as soon as it has one. One that ends before is answered with all that it said. */
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
    const recorded = new Promise<readonly unknown[]>((resolve) => {
      child.on('message', (told: { readonly run?: string; readonly denied?: string }) => {
        if (told.run === undefined) denied = told.denied;
        else resolve([told]);
        run ??= told.run;
      });
    });
    const ended = once(child, 'close').then(() => {
      const why = remarksIn(err.join('\n')).findLast(({ kind }) => kind === 'fault')?.text;
      if (run !== undefined && why !== undefined) tellEnded({ run, why });
      return resultsIn(out.join('\n'));
    });
    const results = await Promise.race([recorded, ended]);
    // what one that went ended with is told by its record, however soon that was
    const began = run !== undefined;
    return {
      exitCode: began ? 0 : (child.exitCode ?? 1),
      results: began ? [{ run }] : results,
      remarks: remarksIn(err.join('\n')),
      ...(denied !== undefined && { denied }),
      command: text,
    };
  }
}

/** What a replay says of each of its events is told by its record; what it ends with comes last. */
const MOST_LINES = 100;

function keepLines(stream: Readable, lines: string[]): void {
  createInterface({ input: stream }).on('line', (line) => {
    if (lines.push(line) > MOST_LINES) lines.shift();
  });
}

/** A context in use holds for what the console does, whichever is in use later; and it was named, by whoever typed its name here. */
function wordsOfPlace({ words, settings: { context } }: Session): readonly string[] {
  const typed = placeWords(words);
  return context && !context.isNamed ? [...typed, '--context', context.name] : typed;
}
