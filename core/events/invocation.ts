import type { Policy } from '../sources/policy.ts';
import type { Mark } from './replay-mark.ts';

/** One invocation as the Runtime API hands it over. Nothing is parsed: `text` is the event byte for byte. */
export interface Invocation {
  /** The Lambda request id. Lambda's own retry of an asynchronous invocation brings the same one. */
  readonly id: string;
  /** The event as JSON text, exactly as received, up to 6 MB. */
  readonly text: string;
  /**
   * Makes a shorter JSON text by which decisions are the same, where the host has one: it need not parse all of a large
   * event. Not JSON where `text` is not.
   */
  readonly outline?: (policy: Policy) => string;
  readonly invokedFunctionArn: string;
  /** When Lambda gives up on this invocation, epoch milliseconds. */
  readonly deadlineAt: number;
  /** Raw JSON of the client context, without the proof of a mark. Present for synchronous invocations only. */
  readonly clientContext?: string;
  /** Where a replay or a smoke test sent it. */
  readonly mark?: Mark;
  /** Raw JSON of the Cognito identity. */
  readonly cognitoIdentity?: string;
  readonly traceId?: string;
  readonly tenantId?: string;
}
