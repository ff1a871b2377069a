import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Functions } from '../../aws/lambda/functions.ts';
import type { Metrics } from '../../aws/metrics/metrics.ts';
import { ANSWER_LIMITS } from '../../aws/request/sdk-client.ts';
import { type AwsClock, createAwsClock } from '../../aws/time/aws-clock.ts';
import { createWaits, type OperatorWaits } from '../../aws/time/waits.ts';
import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import type { Clock } from '../../core/gate/ports.ts';
import type { Waiting } from '../../core/replay/progress/waits.ts';
import { skewText } from '../../core/time/time-text.ts';
import type { Times } from '../times/times.ts';
import type { Access } from './access.ts';
import { type Asking, explained } from './aws-faults.ts';
import { explainedStore } from './parameter-faults.ts';
import { refuseAbsentProfile } from './profiles.ts';
import { OperatorFault, type Remark } from './remedy.ts';
import type { SharedAccess } from './shared-access.ts';

/** Context of every operation. */
export interface OperatorSettings {
  /** One to ten window parameters, in order: edits go to the first one. */
  readonly parameters: readonly string[];
  /** The deferred events table. */
  readonly table: string;
  readonly access: Access;
}

/** Remarks of an operation in progress, besides its result. */
export interface Remarks {
  /** How messages show an instant to whoever reads them. */
  readonly times: Times;
  /** Something to know that changes nothing. */
  note(text: string): void;
  /** Something that may not be meant. */
  warn(remark: string | Remark): void;
}

/**
 * Somebody who operates windows and events: settings, and the clients of AWS that operations work through. They are loaded when they
 * are first asked for. Knows no terminal: whoever shows what is done, asks between two operations.
 */
export interface Operator {
  readonly settings: OperatorSettings;
  readonly remarks: Remarks;
  /**
   * AWS's time, as the functions have it. A wrong clock of this machine is reported once and not used. Without an
   * answer of AWS's so far, `ask` is done first; by default a window parameter is read.
   */
  clock(ask?: () => Promise<unknown>): Promise<Clock>;
  /** The same clock for who asks AWS something before each look at it. Before the first answer it is the one here. */
  readonly clockSoFar: AwsClock;
  /** Settings of the SDK's clients. */
  readonly clientSettings: ClientSettings;
  /** Its faults are explained. */
  readonly parameters: () => Promise<ParameterStore>;
  /** Its faults are the SDK's own: who asks can do without an answer. */
  readonly functions: () => Promise<Functions>;
  /** Its faults are explained. */
  readonly metrics: () => Promise<Metrics>;
  /** Reports an answer that does not come. */
  readonly asking: Asking;
  /** Told of read units of the table as they are spent. Absent: nobody asks. */
  readonly spent?: (readUnits: number) => void;
  readonly waits: OperatorWaits;
  /** Sets how waits are reported from now on. */
  tellWaits(tell: (waiting: Waiting) => void): void;
  /** Ends the connections. */
  close(): void;
}

/** Region, profile and endpoint where they were given, and limits: a network that swallows packets must not hold a command. */
export interface ClientSettings {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly requestHandler: NonNullable<DynamoDBClientConfig['requestHandler']>;
  /** Absent: each client finds them by itself. */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
  /** Takes what the SDK would write to the terminal between our lines: advice about credentials that were meant so. */
  readonly logger: Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error', () => void>>;
}

/**
 * @param clock the one of this machine
 * @param beside `shared` with other operators of this process, absent: nothing is; `spent` as {@link Operator} has it
 */
export function createOperator(
  settings: OperatorSettings,
  remarks: Remarks,
  clock: Clock,
  { shared, spent }: { readonly shared?: SharedAccess; readonly spent?: NonNullable<Operator['spent']> } = {},
): Operator {
  const ownClock = createAwsClock(clock, (aheadMs) => remarks.warn(skewText(aheadMs)));
  const clockSoFar = shared ? heardBy(ownClock, shared.clock.hear) : ownClock;
  const { profile, region, endpoint } = settings.access;
  const own: ClientSettings = {
    ...(profile && { profile }),
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    requestHandler: ANSWER_LIMITS,
    logger: { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
  const clientSettings = shared?.settings(own) ?? own;
  const closers: (() => void)[] = [];
  const closing = <Client extends { close(): void }>(client: Client): Client => {
    closers.push(() => client.close());
    return client;
  };
  let tellWait = ({ why }: Waiting) => remarks.note(`still waiting: ${why}`);
  const waits = createWaits((waiting) => tellWait(waiting));
  const profileChecked = once(() => refuseAbsentProfile(settings.access));
  const asking: Asking = (asked, call) =>
    explained(asked, settings.access, async () => {
      await profileChecked();
      const waiting = asked.waiting ?? ((): Waiting => ({ why: `${asked.service} has not answered yet` }));
      return waits.during(waiting().functionName ?? asked.service, waiting, call());
    }).catch((fault) => {
      if (isOfOtherCredentials(fault)) shared?.forget(own);
      throw fault;
    });
  const parameters = once(async () => {
    const { createParameterStore } = await import('../../aws/windows/parameter-store.ts');
    return explainedStore(closing(createParameterStore(clientSettings, clockSoFar.hear)), asking);
  });
  const tellUntold = once(async () =>
    remarks.note('AWS’s answers have no date: times are by the clock of this machine'),
  );
  return {
    settings,
    remarks,
    waits,
    tellWaits(tell) {
      tellWait = tell;
    },
    async clock(ask = async () => (await parameters()).read(settings.parameters[0] ?? '')) {
      if (!clockSoFar.hasHeard) await unlessRefused(clockSoFar, ask);
      if (!clockSoFar.isTold) await tellUntold();
      return clockSoFar;
    },
    clockSoFar,
    clientSettings,
    ...(spent && { spent }),
    parameters,
    functions: once(async () => {
      const { createFunctions } = await import('../../aws/lambda/functions.ts');
      return closing(createFunctions(clientSettings, clockSoFar.hear));
    }),
    metrics: once(async () => {
      const asked = {
        service: 'CloudWatch',
        action: 'cloudwatch:GetMetricData',
        what: 'the metrics of client and monitor',
      } as const;
      const [{ createMetrics }, { originOf }] = await Promise.all([
        import('../../aws/metrics/metrics.ts'),
        import('../../aws/request/caller.ts'),
      ]);
      const origin = await asking(asked, () => originOf(clientSettings, undefined));
      const options = { onlyStandIn: origin.endpoint !== undefined };
      const { sums, courses, close } = closing(createMetrics(clientSettings, options, clockSoFar.hear));
      return {
        sums: (query) => asking(asked, () => sums(query)),
        courses: (query) => asking(asked, () => courses(query)),
        close,
      };
    }),
    asking,
    close() {
      for (const close of closers) close();
    },
  };
}

/** A refusal has the time, too; what it means is for whoever needs what was refused. */
/** The same clock: what it hears is heard elsewhere as well. */
function heardBy(clock: AwsClock, hear: AwsClock['hear']): AwsClock {
  return {
    now: clock.now,
    random: clock.random,
    hear(answer) {
      clock.hear(answer);
      hear(answer);
    },
    get hasHeard() {
      return clock.hasHeard;
    },
    get isTold() {
      return clock.isTold;
    },
  };
}

async function unlessRefused(clock: AwsClock, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (fault) {
    if (!clock.hasHeard) throw fault;
  }
}

/** Credentials that were good may be too old by now. */
function isOfOtherCredentials(fault: unknown): boolean {
  return fault instanceof OperatorFault && ['log-in', 'other-credentials'].includes(fault.remedy.kind);
}

function ignore(): void {}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
