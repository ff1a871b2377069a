/** What server and page of the console tell each other. */

/** Header of every question: the session's key. No other origin can send it without asking first, and it is never allowed to. */
export const OWN_HEADER = 'x-maintenance-window';

/** Header of a file: the id by which the page asks what it came to. */
export const FILE_HEADER = 'x-file';

/** Header of every answer to a page: when something was done in the console last, in epoch milliseconds. */
export const NEWS_HEADER = 'x-news';

/** Header of every answer to a page: what time it is by AWS's clock, in epoch milliseconds. */
export const CLOCK_HEADER = 'x-clock';

/** What a command came to. */
export interface Answer {
  /** As the tool's process would have ended. */
  readonly exitCode: number;
  /** What it wrote as JSON: one value, or a line each. */
  readonly results: readonly unknown[];
  /** What it said besides, in its order. */
  readonly remarks: readonly Remark[];
  /** The action that IAM would have to allow, where it ended for that: `ssm:PutParameter`. */
  readonly denied?: string;
  /** The same, to be typed. */
  readonly command: string;
}

/** A replay whose process has ended by a fault. */
export interface EndedReplay {
  /** Its id. */
  readonly run: string;
  /** What it said, with what can be done. */
  readonly why: string;
}

/** What a look came to. */
export interface Looked extends Answer {
  /** After that long it is worth another one, in milliseconds. */
  readonly againMs: number;
  /** As {@link Where} has it now. */
  readonly production?: string;
  /** Replays of this console that ended by a fault, and that nobody has gone on with: their records may not know it. */
  readonly ended?: readonly EndedReplay[];
  /** What one costs that is repeated less often for that: read units of the table, to two digits. */
  readonly dearUnits?: number;
}

/** A look that takes long: what it came to is asked for by this id, so that its connection is there for others meanwhile. */
export interface Later {
  readonly later: string;
}

/** Lines of a command as it writes them. */
export interface Written {
  readonly lines: ReadableStream<Uint8Array>;
  /** What it came to, but for its lines. */
  readonly ended: Promise<Answer>;
}

/** A line that the tool says on stderr. */
export interface Remark {
  readonly kind: 'place' | 'note' | 'warning' | 'fault';
  readonly text: string;
}

/** The tool, as the console has commands run. */
export interface Tool {
  /**
   * Runs one to its end.
   *
   * @param spent told of read units of the table as they are spent; absent: nobody asks
   */
  run(words: readonly string[], spent?: (readUnits: number) => void): Promise<Answer>;
  /** Runs one that is shown and not done. `meant`: the words that do what was shown, whenever they are run. */
  dryRun(words: readonly string[]): Promise<{ readonly shown: Answer; readonly meant: readonly string[] }>;
  /** The same of one whose result is a text: it is the only result, as it was written. */
  text(words: readonly string[]): Promise<Answer>;
  /**
   * Begins one that may take hours, as a process of its own. Resolves once it goes, or has ended before.
   *
   * @param ended told where one that went has ended by a fault
   */
  begin(words: readonly string[], ended: (replay: EndedReplay) => void): Promise<Answer>;
  /** Begins one that writes many lines, as a process of its own. Aborted, it ends as on Ctrl-C. */
  write(words: readonly string[], signal: AbortSignal): Written;
  /** AWS's time by the answers that commands got so far; the one of this machine until the first. Epoch milliseconds. */
  now(): number;
  /** The tool's command with these words, to be typed. */
  commandText(words: readonly string[]): string;
}

/** Where a change is made. */
export interface Where {
  /** Name of a context of production; absent outside of one. */
  readonly production?: string;
  /** At least one: the first is edited where none is named. */
  readonly parameters: readonly string[];
  readonly table: string;
}
