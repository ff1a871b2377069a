import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
  type LambdaClientConfig,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { isAbsent } from '../request/aws-codes.ts';
import { hearAnswers } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';

/** A Lambda function, as far as it says how it follows a window. */
export interface FunctionFacts {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a client of ours could be in it: an image, a layer beside the code, or a runtime in it. */
  readonly mayHoldClient: boolean;
}

/** The functions of the account and region. Faults are the SDK's own. */
export interface Functions {
  /** Undefined where there is none. Needs `lambda:GetFunctionConfiguration` on it. */
  find(name: string): Promise<FunctionFacts | undefined>;
  /** Every function. Needs `lambda:ListFunctions`; a request for every 50 functions. */
  list(): Promise<readonly FunctionFacts[]>;
  close(): void;
}

/**
 * @param config region, credentials, endpoint
 * @param hear told of each answer
 */
export function createFunctions(config: LambdaClientConfig, hear?: Hear): Functions {
  const client = new LambdaClient({ ...config, maxAttempts: 2 });
  if (hear) hearAnswers(client, hear);
  return { find, list, close: () => client.destroy() };

  async function find(name: string): Promise<FunctionFacts | undefined> {
    try {
      return factsOf(await client.send(new GetFunctionConfigurationCommand({ FunctionName: name })));
    } catch (error) {
      if (error instanceof Error && isAbsent(error.name)) return undefined;
      throw error;
    }
  }

  async function list(): Promise<readonly FunctionFacts[]> {
    const found: FunctionFacts[] = [];
    for await (const page of paginateListFunctions({ client }, {})) found.push(...(page.Functions ?? []).map(factsOf));
    return found;
  }
}

/**
 * Facts of a function. Missing `Timeout` means Lambda's default, 3 s:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
 */
function factsOf(configuration: FunctionConfiguration): FunctionFacts {
  const { FunctionName = '', Timeout = 3, Environment, PackageType, Layers = [], Runtime } = configuration;
  return {
    name: FunctionName,
    timeoutSeconds: Timeout,
    environment: Environment?.Variables ?? {},
    mayHoldClient: PackageType === 'Image' || Layers.length > 0 || Runtime?.startsWith('provided') === true,
  };
}
