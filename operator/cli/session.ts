import type { Functions } from '../../aws/lambda/functions.ts';
import { type AwsClock, createAwsClock } from '../../aws/request/aws-clock.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { Waiting, Waits } from '../../core/replay/waits.ts';
import { type Asking, explained } from '../access/aws-faults.ts';
import { explainedStore } from '../access/parameter-faults.ts';
import { createWaits } from '../access/waits.ts';
import type { Host } from './host.ts';
import { type GlobalOptions, readSettings, type Settings } from './settings.ts';
import { createOutput, type Output } from './terminal/output.ts';
import { skewText } from './terminal/time.ts';

/** One run of one command: what it was given, and what it works through. Clients of AWS are loaded when they are first asked for. */
export interface Session {
  readonly settings: Settings;
  readonly output: Output;
  /**
   * AWS's time, as the functions have it: a clock here that is wrong is told of once, and not gone by. Where nothing of
   * AWS's has answered yet, `ask` is done first; unless said, a window parameter is read.
   */
  clock(ask?: () => Promise<unknown>): Promise<Clock>;
  /** The same clock for who asks AWS something before each look at it. Before the first answer it is the one here. */
  readonly clockSoFar: AwsClock;
  /** What the SDK's clients are made with. */
  readonly clientSettings: ClientSettings;
  /** Its faults are explained. */
  readonly parameters: () => Promise<ParameterStore>;
  /** Its faults are the SDK's own: who asks can do without an answer. */
  readonly functions: () => Promise<Functions>;
  /** An answer that does not come is told of. */
  readonly asking: Asking;
  readonly waits: Waits;
  /** From now on waits are told so. */
  tellWaits(tell: (waiting: Waiting) => void): void;
  /** As it was typed. */
  readonly words: readonly string[];
  /** Whether there is somebody to ask. */
  readonly isInteractive: boolean;
  /** Asks; anything but yes is no. For an interactive session. */
  confirm(question: string): Promise<boolean>;
  /** From this call on the first Ctrl-C aborts the signal instead of ending the process. */
  interrupted(): AbortSignal;
  /** For what changes something, and cannot be interrupted: an output that goes away is no good end of it. */
  changing(): void;
  readonly stdin: Host['stdin'];
  /** Ends the connections. */
  close(): void;
}

/** Region, profile and endpoint where they were given, and limits: a network that swallows packets must not hold a command. */
export interface ClientSettings {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    /** Without it the SDK only warns, and waits on. */
    readonly throwOnRequestTimeout: true;
  };
  /** Takes what the SDK would write to the terminal between our lines: advice about credentials that were meant so. */
  readonly logger: Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error', () => void>>;
}

const CONNECTION_LIMIT_MS = 3_000;
/** The SDK tries three times. */
const REQUEST_LIMIT_MS = 5_000;

/**
 * Makes the session of a command.
 *
 * @param words as it was typed
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` or `MaintenanceWindow.Config`
 */
export function createSession(options: GlobalOptions, words: readonly string[], host: Host): Session {
  const settings = readSettings(options, host.environment);
  const { stdin, stderr, interrupted, changing } = host;
  if (settings.access.profile) host.useProfile(settings.access.profile);
  const output = createOutput(settings.format, host);
  const clockSoFar = createAwsClock(host.clock, (aheadMs) => output.warn(skewText(aheadMs)));
  const clientSettings: ClientSettings = {
    ...settings.access,
    requestHandler: {
      connectionTimeout: CONNECTION_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
    logger: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
  const closers: (() => void)[] = [];
  const closing = <Client extends { close(): void }>(client: Client): Client => {
    closers.push(() => client.close());
    return client;
  };
  let tellWait = ({ why }: Waiting) => output.note(`still waiting: ${why}`);
  const waits = createWaits((waiting) => tellWait(waiting));
  const asking: Asking = (asked, call) =>
    explained(asked, settings.access, () => {
      const waiting = asked.waiting ?? ((): Waiting => ({ why: `${asked.service} has not answered yet` }));
      return waits.during(waiting().functionName ?? asked.service, waiting, call());
    });
  const parameters = once(async () => {
    const { createParameterStore } = await import('../../aws/windows/parameter-store.ts');
    return explainedStore(closing(createParameterStore(clientSettings, clockSoFar.hear)), asking);
  });
  const tellUntold = once(async () =>
    output.note('AWS’s answers have no date: times are by the clock of this machine'),
  );
  return {
    settings,
    output,
    waits,
    tellWaits(tell) {
      tellWait = tell;
    },
    words,
    async clock(ask = async () => (await parameters()).read(settings.parameters[0] ?? '')) {
      if (!clockSoFar.hasHeard) await unlessRefused(clockSoFar, ask);
      if (!clockSoFar.isTold) await tellUntold();
      return clockSoFar;
    },
    clockSoFar,
    clientSettings,
    parameters,
    functions: once(async () => {
      const { createFunctions } = await import('../../aws/lambda/functions.ts');
      return closing(createFunctions(clientSettings, clockSoFar.hear));
    }),
    asking,
    isInteractive: stdin.isTTY && stderr.isTTY,
    confirm: async (question) => (await import('./confirm.ts')).confirm(question, stdin, stderr),
    interrupted,
    changing,
    stdin,
    close() {
      for (const close of closers) close();
    },
  };
}

/** A refusal has the time, too; what it means is for whoever needs what was refused. */
async function unlessRefused(clock: AwsClock, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (fault) {
    if (!clock.hasHeard) throw fault;
  }
}

function ignore(): void {}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * Asks before something that cannot be undone, and says so where the answer is no.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` where nobody can be asked and `--yes` was not said
 */
export async function confirmed(session: Session, yes: boolean | undefined, question: string): Promise<boolean> {
  if (yes) return true;
  if (!session.isInteractive) {
    throw new MaintenanceWindowError('MaintenanceWindow.Usage', `${question} Nobody is here to answer: say --yes.`);
  }
  if (await session.confirm(question)) return true;
  session.output.note('nothing was changed');
  return false;
}
