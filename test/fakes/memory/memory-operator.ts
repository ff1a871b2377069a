import type { FunctionFacts, Functions } from '../../../aws/lambda/functions.ts';
import { createParameterStore } from '../../../aws/windows/parameter-store.ts';
import { createParameters } from '../../../local/aws/ssm-parameters.ts';
import { createOperator, type Operator } from '../../../operator/access/operator.ts';
import { explainedStore } from '../../../operator/access/parameter-faults.ts';
import { createTimes } from '../../../operator/times/times.ts';

/** An operator with no terminal and no network: SSM's rules, and Lambda's answers, in this process. */
export interface MemoryOperator {
  readonly operator: Operator;
  /** Overwrites a parameter, as the user `carol`. */
  put(name: string, text: string): void;
  /** What a parameter says now. */
  text(name: string): string;
  /** Makes SSM refuse what is asked of a parameter. */
  deny(name: string): void;
  /** What was said besides results: nothing, unless a test is about that. */
  readonly said: readonly string[];
}

/** As the SDK has them, as far as SSM's are of use here. */
interface SsmCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const REGION = 'eu-south-1';

/**
 * Makes one, over the parameters of `local/aws/ssm-parameters.ts`: the SDK's client of SSM is the real one, and only the wire is not.
 *
 * @param names the window parameters
 * @param now the clock here, and SSM's
 * @param functions what Lambda has
 */
export function createMemoryOperator(
  names: readonly string[],
  now: () => number,
  functions: readonly FunctionFacts[] = [],
): MemoryOperator {
  const answerTo = createParameters(now);
  const denied = new Set<string>();
  const said: string[] = [];
  const clock = { now, random: () => 0.5 };
  const remarks = {
    times: createTimes(),
    note: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
  };
  const base = createOperator({ parameters: names, table: 'maintenance-window-events', access: {} }, remarks, clock);
  const store = createParameterStore({
    region: REGION,
    credentials: { accessKeyId: 'alice', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { handle: async (call: unknown) => ({ response: answer(call as SsmCall) }) },
  });
  const lambda: Functions = {
    find: async (name) => functions.find((each) => each.name === name),
    list: async () => functions,
    close: () => undefined,
  };
  const explained = explainedStore(store, base.asking);
  return {
    operator: { ...base, parameters: async () => explained, functions: async () => lambda, clock: async () => clock },
    put(Name, Value) {
      const input = { Name, Value, Type: 'String', Overwrite: true };
      answerTo({ operation: 'PutParameter', input, region: REGION, user: 'carol' });
    },
    text(Name) {
      const found = answerTo({ operation: 'GetParameter', input: { Name }, region: REGION, user: 'carol' });
      if (found.kind === 'error') throw new Error(`${found.code}: ${found.message}`);
      return (found.output as { readonly Parameter: { readonly Value: string } }).Parameter.Value;
    },
    deny: (name) => denied.add(name),
    said,
  };

  function answer({ headers, body }: SsmCall) {
    const operation = headers['x-amz-target']?.split('.')[1] ?? '';
    const input = JSON.parse(new TextDecoder().decode(body));
    const asked: readonly string[] = input.Names ?? [input.Name];
    if (asked.some((name) => denied.has(name)))
      return wire(400, { __type: 'AccessDeniedException', message: 'not allowed' });
    const found = answerTo({ operation, input, region: REGION, user: 'alice' });
    return found.kind === 'answer'
      ? wire(200, found.output)
      : wire(400, { __type: found.code, message: found.message });
  }
}

function wire(statusCode: number, body: object) {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return { statusCode, headers, body: Buffer.from(JSON.stringify(body)) };
}
