/**
 * Lambda's Invoke endpoint in front of the emulator that the function's container runs, so that the operator's tool and
 * the SDK's Lambda client work against the composition. The emulator takes one invocation at a time: so does this, in order.
 */

import { startInvokeEndpoint } from '../aws/invoke-endpoint.ts';
import { createInvocations } from '../emulator/invocation.ts';

const PORT = 9000;

const {
  EMULATOR_URL = 'http://function:8080',
  AWS_LAMBDA_FUNCTION_NAME = 'function',
  AWS_LAMBDA_FUNCTION_TIMEOUT = '30',
  MAINTENANCE_WINDOW_TTL = '60',
} = process.env;

// The emulator's log is another container's: whether an invocation failed is told by its text alone.
const { invoke } = createInvocations(EMULATOR_URL, console.log, false);
const endpoint = await startInvokeEndpoint({
  functionName: AWS_LAMBDA_FUNCTION_NAME,
  configuration: { timeoutSeconds: Number(AWS_LAMBDA_FUNCTION_TIMEOUT), environment: { MAINTENANCE_WINDOW_TTL } },
  invoke,
  port: PORT,
  host: '0.0.0.0',
  write: console.log,
});
console.log(`Lambda's Invoke endpoint listens on port ${PORT}, in front of ${EMULATOR_URL}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void endpoint.close().then(() => process.exit(0));
  });
}
