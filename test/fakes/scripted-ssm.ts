/** An SSM that answers what a test says. Whoever needs SSM's rules uses `local/aws/ssm.ts`. */
import { operationOf, type ScriptedService, startServiceOf } from './scripted-service.ts';

/** A request: `PutParameter`, and its input. */
export interface ScriptedRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ScriptedAnswer {
  readonly status: number;
  readonly body: object;
  /** Beside what Node sends by itself; a `Date` of one's own, or none. */
  readonly date?: string | null;
}

/** Starts it on a free port. */
export function startScriptedSsm(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
): Promise<ScriptedService<ScriptedRequest>> {
  return startServiceOf(
    (seen) => ({
      operation: operationOf(seen),
      input: JSON.parse(seen.body) as ScriptedRequest['input'],
    }),
    (request) => {
      const { status, body, date } = answer(request);
      return {
        kind: 'answer',
        status,
        headers: { 'content-type': 'application/x-amz-json-1.1', ...(date && { date }) },
        body: JSON.stringify(body),
        ...(date === null && { isUndated: true }),
      };
    },
  );
}
