/**
 * Lambda's Invoke endpoint in front of the emulators that the functions' containers run, so that the operator's tool and the
 * SDK's Lambda client work against the composition. An emulator takes one invocation at a time: so does this, in order.
 */

import { startInvokeEndpoint } from '../aws/invoke-endpoint.ts';
import { createInvocations } from '../emulator/invocation.ts';

const PORT = 9000;
/** Both functions are started with these. */
const { AWS_LAMBDA_FUNCTION_TIMEOUT = '30', MAINTENANCE_WINDOW_TTL = '60' } = process.env;

const fn = functionAt('function', 'http://function:8080');
const python = functionAt('python', 'http://python:8080');
const endpoint = await startInvokeEndpoint({
  ...fn,
  others: [python],
  port: PORT,
  host: '0.0.0.0',
  write: console.log,
});
console.log(`Lambda's Invoke endpoint listens on port ${PORT}, for ${fn.functionName} and ${python.functionName}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void endpoint.close().then(() => process.exit(0));
  });
}

function functionAt(functionName: string, emulatorUrl: string) {
  const configuration = {
    timeoutSeconds: Number(AWS_LAMBDA_FUNCTION_TIMEOUT),
    environment: { MAINTENANCE_WINDOW_TTL },
  };
  // The emulator's log is another container's: whether an invocation failed is told by its text alone.
  const { invoke } = createInvocations(emulatorUrl, console.log, false);
  return { functionName, configuration, invoke };
}
