import { ssmEndpoint } from './endpoint.ts';
import type { ParameterReader, ReadOutcome } from './parameter-reader.ts';
import { createSignedReader } from './ssm-signed.ts';
import { createWindowKeeper, type WindowKeeper, type WindowKeeperParts } from './window-keeper.ts';

/** What the windows are read with, and for whom. */
export interface SsmWindowSourceOptions extends Omit<WindowKeeperParts, 'reader'> {
  readonly environment: Environment;
}

/** Where region, credentials and endpoint come from, by the SDK's own names. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the windows from SSM. Making it begins the first read at once. */
export function createSsmWindowSource({ environment, ...parts }: SsmWindowSourceOptions): WindowKeeper {
  return createWindowKeeper({ ...parts, reader: createReader(environment) });
}

/**
 * Signs by itself where keys and endpoint are plain to see in the environment, as Lambda puts them there. Every other
 * way the SDK knows. A profile is one of them: with it the SDK passes over the environment's keys.
 */
function createReader(environment: Environment): ParameterReader {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  const profile = environment['AWS_PROFILE'] || environment['AWS_CONFIG_FILE'];
  const endpoint = ssmEndpoint(environment);
  if (endpoint && accessKeyId && secretAccessKey && !profile) {
    return createSignedReader(endpoint, { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
  }
  return readerFrom(import('./ssm-sdk.ts').then(({ createSdkReader }) => createSdkReader()));
}

/** A reader that is still being loaded. Where it cannot be, every read fails. */
function readerFrom(loading: Promise<ParameterReader>): ParameterReader {
  return {
    read(names) {
      const call = loading.then((reader) => reader.read(names));
      const outcome = call.then(({ outcome }) => outcome, refusal);
      return {
        written: outcome.then(() => undefined),
        outcome,
        abandon: () => void call.then(({ abandon }) => abandon(), refusal),
      };
    },
    disconnect: () => void loading.then(({ disconnect }) => disconnect(), refusal),
  };
}

function refusal(error: unknown): ReadOutcome {
  return { kind: 'failed', failure: 'refused', cause: String(error) };
}
