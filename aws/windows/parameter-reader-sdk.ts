import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  failureOf,
  failureOfConnection,
  type ParameterReader,
  type ReadOutcome,
  textsByName,
} from './parameter-reader.ts';

/**
 * Reads parameters through the AWS SDK, which finds credentials, region and endpoint in all its ways. Importing this
 * file costs 55 ms and 35 MB.
 */
export function createSdkReader(): ParameterReader {
  const client = new SSMClient({ maxAttempts: 1 });
  return {
    read(names) {
      const abort = new AbortController();
      const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
      const outcome = client
        .send(command, { abortSignal: abort.signal })
        .then((answer) => textsByName(names, answer), failureOfSdk)
        .catch(failureOfConnection);
      return { written: outcome.then(() => undefined), outcome, abandon: () => abort.abort() };
    },
    disconnect: () => client.config.requestHandler.destroy?.(),
  };
}

/** The SDK's own errors come with a status, Node's with a code; all else is a matter of the configuration. */
function failureOfSdk(error: SdkError): ReadOutcome {
  const status = error.$metadata?.httpStatusCode ?? 200;
  if (status !== 200) return failureOf(status, error.name, error.message);
  if (error.code || error.name === 'SyntaxError') return failureOfConnection(error);
  return { kind: 'failed', failure: 'refused', cause: String(error) };
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}
