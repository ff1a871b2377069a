import type { Invocation } from '../core/events/invocation.ts';
import { seenContext } from '../core/events/replay-mark.ts';

/** Header of the client context, as {@link InvocationHeaders} name it. */
export const CLIENT_CONTEXT = 'lambda-runtime-client-context';

/** Headers of `/next` by lower-case names. A host may give the deadline as a number, and absent values as `""`. */
export type InvocationHeaders = Readonly<Record<string, string | number | undefined>>;

/** The longest that a function may take. Source: Lambda quotas, "Function timeout". */
const LONGEST_MS = 900_000;

/**
 * Invocation of a request; undefined without its id or its function, as it could be neither answered nor replayed.
 *
 * Without a deadline that can be read it has all the time there is: most runtimes would call the handler.
 */
export function invocationOf(headers: InvocationHeaders, text: string): Invocation | undefined {
  // What Lambda did not send is not to be had from a prototype either.
  const value = (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined);
  const textOf = (name: string) => String(value(name) ?? '') || undefined;
  const id = textOf('lambda-runtime-aws-request-id');
  const toldAt = Number(textOf('lambda-runtime-deadline-ms'));
  const invokedFunctionArn = textOf('lambda-runtime-invoked-function-arn');
  if (!id || !invokedFunctionArn) return undefined;
  const context = seenContext(textOf(CLIENT_CONTEXT) ?? '');
  const cognitoIdentity = textOf('lambda-runtime-cognito-identity');
  const traceId = textOf('lambda-runtime-trace-id');
  const tenantId = textOf('lambda-runtime-aws-tenant-id');
  return {
    id,
    text,
    invokedFunctionArn,
    deadlineAt: Number.isFinite(toldAt) && toldAt > 0 ? toldAt : Date.now() + LONGEST_MS,
    ...(context.text && { clientContext: context.text }),
    ...(context.mark && { mark: context.mark }),
    ...(cognitoIdentity && { cognitoIdentity }),
    ...(traceId && { traceId }),
    ...(tenantId && { tenantId }),
  };
}

/** A client context as the handler may have it: without the proof by which a replay tells the gate's answer from a handler's. */
export function contextForHandler(context: string): string {
  return seenContext(context).text;
}
