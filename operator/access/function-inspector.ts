import type { FunctionInspector } from '../../aws/lambda/function-inspector.ts';
import type { Operator } from './operator.ts';

/** Opens Lambda for a look at functions one by one. Its faults are explained. */
export async function openFunctionInspector({
  clientSettings,
  clockSoFar,
  asking,
}: Operator): Promise<FunctionInspector> {
  const { createFunctionInspector } = await import('../../aws/lambda/function-inspector.ts');
  const inspector = createFunctionInspector(clientSettings, clockSoFar.hear);
  const explained =
    <Value>(operation: string, ask: (name: string) => Promise<Value>) =>
    (name: string) =>
      asking({ service: 'Lambda', action: `lambda:${operation}`, what: `the function ${name}` }, () => ask(name));
  return {
    configuration: explained('GetFunctionConfiguration', inspector.configuration),
    asynchronous: explained('GetFunctionEventInvokeConfig', inspector.asynchronous),
    reservedConcurrency: explained('GetFunctionConcurrency', inspector.reservedConcurrency),
    eventSources: () =>
      asking(
        { service: 'Lambda', action: 'lambda:ListEventSourceMappings', what: 'the event sources of functions' },
        () => inspector.eventSources(),
      ),
    close: inspector.close,
  };
}
