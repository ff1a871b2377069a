import { type Environment, plainAccess } from '../request/plain-access.ts';
import { lateCall, type ParameterReader, type ReadFailure } from './parameter-reader.ts';
import { createSignedReader } from './parameter-reader-signed.ts';
import { createWindowKeeper, type WindowKeeper, type WindowKeeperParts } from './window-keeper.ts';

/** Parts of a window source. */
export interface SsmWindowSourceOptions extends Omit<WindowKeeperParts, 'reader'> {
  readonly environment: Environment;
}

/** Reads the windows from SSM. Making it begins the first read at once. */
export function createSsmWindowSource({ environment, ...parts }: SsmWindowSourceOptions): WindowKeeper {
  return createWindowKeeper({ ...parts, reader: createReader(environment) });
}

/** Reader of parameters: signs requests itself when keys are in the environment; otherwise loads the SDK. */
function createReader(environment: Environment): ParameterReader {
  const access = plainAccess('ssm', environment);
  if (access) return createSignedReader(access.endpoint, { credentials: () => access.credentials });
  return readerFrom(import('./parameter-reader-sdk.ts').then(({ createSdkReader }) => createSdkReader()));
}

/** A reader that is still being loaded. Where it cannot be, every read fails. */
function readerFrom(loading: Promise<ParameterReader>): ParameterReader {
  return {
    read: (names) =>
      lateCall(
        loading.then((reader) => reader.read(names)),
        refusal,
      ),
    disconnect: () => void loading.then(({ disconnect }) => disconnect(), refusal),
  };
}

function refusal(error: unknown): ReadFailure {
  return { kind: 'failed', failure: 'refused', cause: String(error) };
}
