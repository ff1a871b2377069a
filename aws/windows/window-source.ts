import { type Environment, plainAccess } from '../request/plain-access.ts';
import type { ParameterReader, ReadOutcome } from './parameter-reader.ts';
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
  if (access) return createSignedReader(access);
  return readerFrom(import('./parameter-reader-sdk.ts').then(({ createSdkReader }) => createSdkReader()));
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
