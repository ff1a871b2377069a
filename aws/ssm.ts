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
 * The signed reader where credentials and endpoint are plain to see in the environment, as Lambda puts them; else the
 * SDK's, which knows every other way, and is loaded only then. A profile makes the SDK ignore the environment's keys.
 */
function createReader(environment: Environment): ParameterReader {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  const profile = environment['AWS_PROFILE'] || environment['AWS_CONFIG_FILE'];
  const endpoint = ssmEndpoint(environment);
  if (!endpoint || !accessKeyId || !secretAccessKey || profile)
    return loadedReader(() => import('./ssm-sdk.ts').then((sdk) => sdk.createSdkReader()));
  return createSignedReader(endpoint, { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) });
}

function loadedReader(load: () => Promise<ParameterReader>): ParameterReader {
  const loaded = load();
  return {
    read(names) {
      const call = loaded.then((reader) => reader.read(names));
      const outcome = call.then(
        (begun) => begun.outcome,
        (error): ReadOutcome => ({ kind: 'failed', failure: 'refused', cause: String(error) }),
      );
      return {
        written: outcome.then(() => undefined),
        outcome,
        abandon: () => void call.then((begun) => begun.abandon()),
      };
    },
    disconnect: () => void loaded.then((reader) => reader.disconnect()),
  };
}
