import {
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  type LambdaClientConfig,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import { isAbsent } from '../request/aws-codes.ts';
import { hearAnswers } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';
import { steadyClock } from '../time/steady-clock.ts';

/** A Lambda function, as far as Lambda tells without a look into its code. */
export interface InspectedFunction {
  /** Absent where Lambda does not say. */
  readonly packageType?: string;
  readonly runtime?: string;
  /** `x86_64` or `arm64`; absent where Lambda does not say. */
  readonly architecture?: string;
  /** ARNs of its layers. */
  readonly layers: readonly string[];
  /** Entry point that takes the place of the image's own. */
  readonly entryPoint?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutSeconds: number;
  /** `Active`, `Pending`, `Inactive`, `Failed`; absent where Lambda does not say. */
  readonly state?: string;
  /** Lambda's own words about the state, or about the last update where that failed. */
  readonly stateReason?: string;
  /** `Successful`, `InProgress`, `Failed`; absent where Lambda does not say. */
  readonly lastUpdate?: string;
  /** ARN of the dead-letter queue or topic. */
  readonly deadLetters?: string;
}

/** What becomes of asynchronous invocations. A function without settings of its own has none of these. */
export interface AsynchronousSettings {
  /** ARN of the destination for events that failed for good. */
  readonly onFailure?: string;
  /** ARN of the destination for events that succeeded. */
  readonly onSuccess?: string;
  readonly retries?: number;
}

/** Where Lambda polls on behalf of a function. A stream's records go once they were tried so often, or are so old. */
export interface EventSourceMapping {
  /** Of the function; without version or alias. */
  readonly functionName: string;
  /** As Lambda's word for the service: `sqs`, `kinesis`, `dynamodb`, `kafka`, `mq`, `documentdb`. */
  readonly source: string;
  /** Queue, stream, cluster or broker; absent of a cluster of one's own. */
  readonly arn?: string;
  /** `Enabled`, `Disabled`, `Creating`, … */
  readonly state: string;
  /** Absent: for as long as the stream keeps a record. */
  readonly retries?: number;
  /** The same. */
  readonly maximumAgeSeconds?: number;
  /** ARN of the destination for what was given up. */
  readonly onFailure?: string;
}

/** Looks at functions one by one, and leaves them as they are. Faults are the SDK's own. */
export interface FunctionInspector {
  /** Undefined where there is none. Needs `lambda:GetFunctionConfiguration`. */
  configuration(name: string): Promise<InspectedFunction | undefined>;
  /** Of the unpublished version. Needs `lambda:GetFunctionEventInvokeConfig`. */
  asynchronous(name: string): Promise<AsynchronousSettings>;
  /** Undefined where none is reserved. Needs `lambda:GetFunctionConcurrency`. */
  reservedConcurrency(name: string): Promise<number | undefined>;
  /** All of account and region, a hundred a request. Needs `lambda:ListEventSourceMappings`, which IAM allows on everything or nothing. */
  eventSources(): Promise<readonly EventSourceMapping[]>;
  close(): void;
}

/** Attempts of one request. Lambda takes some 15 requests a second of an account beside invocations, whoever sends them. */
const MAX_ATTEMPTS = 7;
/**
 * Upper bound for a silence of Lambda's while something is asked of it, retries included. An answer to another request ends
 * a silence: the adaptive mode holds requests back behind each other, for longer than this where many are throttled.
 */
const SILENCE_LIMIT_MS = 20_000;
const WATCH_MS = 1_000;

/**
 * Looks at functions of the account and region. Requests that Lambda throttles are retried, and later ones are sent as
 * slowly as it bears (the SDK's adaptive mode): an account has hundreds of functions.
 *
 * @param config region, credentials, endpoint
 * @param hear told of each answer
 */
export function createFunctionInspector(config: LambdaClientConfig, hear?: Hear): FunctionInspector {
  const client = new LambdaClient({ ...config, maxAttempts: MAX_ATTEMPTS, retryMode: 'adaptive' });
  let heardAtMs = Number.NEGATIVE_INFINITY;
  hearAnswers(client, (answer) => {
    heardAtMs = answer.receivedAtMs;
    hear?.(answer);
  });
  return { configuration, asynchronous, reservedConcurrency, eventSources, close: () => client.destroy() };

  function configuration(FunctionName: string): Promise<InspectedFunction | undefined> {
    return answer(async (abortSignal) =>
      inspected(await client.send(new GetFunctionConfigurationCommand({ FunctionName }), { abortSignal })),
    );
  }

  async function asynchronous(FunctionName: string): Promise<AsynchronousSettings> {
    const settings = await answer((abortSignal) =>
      client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }), { abortSignal }),
    );
    const { DestinationConfig = {}, MaximumRetryAttempts: retries } = settings ?? {};
    const onFailure = DestinationConfig.OnFailure?.Destination;
    const onSuccess = DestinationConfig.OnSuccess?.Destination;
    return {
      ...(onFailure && { onFailure }),
      ...(onSuccess && { onSuccess }),
      ...(retries !== undefined && { retries }),
    };
  }

  async function reservedConcurrency(FunctionName: string): Promise<number | undefined> {
    const found = await answer((abortSignal) =>
      client.send(new GetFunctionConcurrencyCommand({ FunctionName }), { abortSignal }),
    );
    return found?.ReservedConcurrentExecutions;
  }

  async function eventSources(): Promise<readonly EventSourceMapping[]> {
    const found: EventSourceMapping[] = [];
    const pages = paginateListEventSourceMappings({ client }, {});
    for (;;) {
      const page = await answer(() => pages.next());
      if (page === undefined || page.done) return found;
      found.push(...(page.value.EventSourceMappings ?? []).map(mapping));
    }
  }

  /** Undefined where what is asked for does not exist. */
  async function answer<Value>(ask: (signal: AbortSignal) => Promise<Value>): Promise<Value | undefined> {
    const silence = new AbortController();
    const askedAtMs = steadyClock.now();
    const watch = setInterval(() => {
      if (steadyClock.now() - Math.max(askedAtMs, heardAtMs) > SILENCE_LIMIT_MS) silence.abort();
    }, WATCH_MS);
    try {
      return await ask(silence.signal);
    } catch (error) {
      if (error instanceof Error && isAbsent(error.name)) return undefined;
      if (silence.signal.aborted) throw new Error(`no answer within ${SILENCE_LIMIT_MS / 1_000} s`, { cause: error });
      throw error;
    } finally {
      clearInterval(watch);
    }
  }
}

/**
 * Facts of a function. Missing `Timeout` means Lambda's default, 3 s:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
 */
function inspected(configuration: FunctionConfiguration): InspectedFunction {
  const {
    PackageType,
    Runtime,
    Architectures: [architecture] = [],
    Layers = [],
    ImageConfigResponse,
    Environment,
    Timeout = 3,
  } = configuration;
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason, DeadLetterConfig } = configuration;
  const entryPoint = ImageConfigResponse?.ImageConfig?.EntryPoint;
  const stateReason = StateReason || LastUpdateStatusReason;
  return {
    ...(PackageType && { packageType: PackageType }),
    ...(Runtime && { runtime: Runtime }),
    ...(architecture && { architecture }),
    layers: Layers.flatMap(({ Arn }) => Arn ?? []),
    ...(entryPoint && entryPoint.length > 0 && { entryPoint }),
    environment: Environment?.Variables ?? {},
    timeoutSeconds: Timeout,
    ...(State && { state: State }),
    ...(stateReason && { stateReason }),
    ...(LastUpdateStatus && { lastUpdate: LastUpdateStatus }),
    ...(DeadLetterConfig?.TargetArn && { deadLetters: DeadLetterConfig.TargetArn }),
  };
}

/** The service of an ARN, where Lambda has another word for it. */
const SOURCES: Readonly<Record<string, string>> = { rds: 'documentdb' };

/** -1 means no end: https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html */
function mapping(told: EventSourceMappingConfiguration): EventSourceMapping {
  const { FunctionArn = '', EventSourceArn: arn, State = '', DestinationConfig } = told;
  const { MaximumRetryAttempts: retries = -1, MaximumRecordAgeInSeconds: age = -1 } = told;
  const service = arn?.split(':')[2] ?? 'kafka';
  const onFailure = DestinationConfig?.OnFailure?.Destination;
  return {
    functionName: FunctionArn.split(':')[6] ?? '',
    source: SOURCES[service] ?? service,
    ...(arn && { arn }),
    state: State,
    ...(retries >= 0 && { retries }),
    ...(age >= 0 && { maximumAgeSeconds: age }),
    ...(onFailure && { onFailure }),
  };
}
