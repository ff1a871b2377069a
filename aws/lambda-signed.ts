import type { InvokeAnswer } from '../gate/replay.ts';
import type { HttpAnswer } from './http-answer.ts';
import { answerOfBrokenConnection, answerOfNoConnection, answerOfRefusal, answerOfSilence } from './invoke-answer.ts';
import type { InvokeRequest } from './lambda.ts';
import { isOfSignature } from './shown-way.ts';
import type { SignedRequests, Signing } from './signed-request.ts';

/** Refused for its signature, so it did not run: the SDK knows what to do, or what to say. */
export type OfSignature = { readonly kind: 'of-signature' };

/** Lambda's Invoke without the SDK, for a fifth of its CPU time. Rejects only where there are no credentials. */
export async function invokeSigned(
  requests: SignedRequests,
  signing: Signing,
  request: InvokeRequest,
): Promise<InvokeAnswer | OfSignature> {
  const exchange = requests.post(await signing.credentials(), {
    path: `2015-03-31/functions/${encodeURIComponent(request.function)}/invocations`,
    headers: headersOf(request, signing),
    body: request.text,
  });
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    exchange.abandon();
  }, request.limitMs);
  try {
    return answerIn(await exchange.answer, request.mode);
  } catch (fault) {
    const { code, message } = fault as Error & { readonly code?: string };
    if (!exchange.mayHaveArrived()) return answerOfNoConnection(code ?? message);
    return isOver ? answerOfSilence(request.limitMs) : answerOfBrokenConnection(code ?? message);
  } finally {
    clearTimeout(timer);
  }
}

function headersOf(
  { mode, clientContext, tenantId }: InvokeRequest,
  { date }: Signing,
): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/octet-stream',
    'User-Agent': 'maintenance-window',
    'X-Amz-Invocation-Type': mode === 'request' ? 'RequestResponse' : 'Event',
    ...(clientContext !== undefined && { 'X-Amz-Client-Context': clientContext }),
    ...(tenantId !== undefined && { 'X-Amz-Tenant-Id': tenantId }),
    ...(date && { 'X-Amz-Date': date() }),
  };
}

function answerIn({ status, headers, body }: HttpAnswer, mode: InvokeRequest['mode']): InvokeAnswer | OfSignature {
  if (status >= 200 && status < 300) {
    if (mode === 'event') return { kind: 'accepted' };
    return { kind: headers['x-amz-function-error'] === undefined ? 'reply' : 'function-error', text: body };
  }
  // `ResourceNotFoundException:http://…` is `ResourceNotFoundException`.
  const code = (headers['x-amzn-errortype'] ?? 'UnknownError').replace(/:.*$/, '');
  if (status < 500 && isOfSignature(code)) return { kind: 'of-signature' };
  return answerOfRefusal(status, code, messageIn(body));
}

function messageIn(body: string): string {
  try {
    const { message, Message } = JSON.parse(body);
    return String(message ?? Message ?? '');
  } catch {
    return 'the answer is not JSON';
  }
}
