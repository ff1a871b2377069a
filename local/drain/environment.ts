/**
 * An execution environment of a function of `cloud/`: loads its bundle as Lambda's runtime does, and runs one task at a time. Its parent
 * sends `{ task, remainingMs }`, and gets `{ result }` or `{ error }`.
 */
import { createRequire } from 'node:module';

interface Asked {
  readonly task: object;
  readonly remainingMs: number;
}

const [, , file = '', functionArn = ''] = process.argv;
const { handler } = createRequire(import.meta.url)(file) as {
  readonly handler: (task: object, context: object) => Promise<object>;
};

process.on('message', ({ task, remainingMs }: Asked) => {
  const endsAtMs = performance.now() + remainingMs;
  const context = {
    invokedFunctionArn: functionArn,
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
  };
  handler(task, context).then(
    (result) => process.send?.({ result }),
    (fault: Error) => process.send?.({ error: { errorType: fault.name, errorMessage: fault.message } }),
  );
});
process.on('disconnect', () => process.exit());
