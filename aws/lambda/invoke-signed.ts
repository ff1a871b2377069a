import type { InvokeAnswer, InvokeRequest } from '../../core/replay/invoker.ts';
import { isOfSignature, isUnsendable, isWithoutCredentials } from '../request/aws-codes.ts';
import { refusalIn } from '../request/refusal.ts';
import type { Credentials, PlainRequest, SignedAnswer, SignedRequests, Signing } from '../request/signed-request.ts';
import { answerOfBrokenConnection, answerOfNoConnection, answerOfRefusal, answerOfSilence } from './invoke-answer.ts';

/** Refused for its signature, so it did not run: the SDK knows what to do, or what to say. */
type OfSignature = { readonly kind: 'of-signature' };

/** Why a request was not sent whose time went elsewhere. */
export const TOO_LATE = 'its time was over before it could be sent';

/**
 * Lambda's Invoke without the SDK, for a fifth of its CPU time. Rejects only where there are no credentials.
 *
 * @param leftMs what is left of the request's time, asked again after whatever took some of it
 */
export async function invokeSigned(
  requests: SignedRequests,
  signing: Signing,
  request: InvokeRequest,
  leftMs: () => number,
): Promise<InvokeAnswer | OfSignature> {
  const credentials = await credentialsOf(signing);
  if ('kind' in credentials) return credentials;
  if (leftMs() <= 0) return answerOfNoConnection(TOO_LATE);
  const exchange = requests.post(credentials, plainRequest(request), signing.now?.());
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    exchange.abandon();
  }, leftMs());
  try {
    return answerIn(await exchange.answer, request.mode);
  } catch (fault) {
    const { code = '', message } = fault as Error & { readonly code?: string };
    if (exchange.mayHaveArrived()) {
      return isOver ? answerOfSilence(request.limitMs) : answerOfBrokenConnection(code || message);
    }
    return isUnsendable(code)
      ? { kind: 'not-run', refusal: 'refused', message }
      : answerOfNoConnection(code || message);
  } finally {
    clearTimeout(timer);
  }
}

/** The way to them may be broken for a moment; there may be none at all. */
async function credentialsOf(signing: Signing): Promise<Credentials | InvokeAnswer> {
  try {
    return await signing.credentials();
  } catch (fault) {
    const { name, code, message } = fault as Error & { readonly code?: string };
    if (isWithoutCredentials(name)) throw fault;
    return answerOfNoConnection(code || message);
  }
}

function plainRequest(request: InvokeRequest): PlainRequest {
  const { function: name, mode, clientContext, tenantId, text } = request;
  return {
    path: `2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: {
      'Content-Type': 'application/octet-stream',
      'X-Amz-Invocation-Type': mode === 'request' ? 'RequestResponse' : 'Event',
      ...(clientContext !== undefined && { 'X-Amz-Client-Context': clientContext }),
      ...(tenantId !== undefined && { 'X-Amz-Tenant-Id': tenantId }),
    },
    body: text,
  };
}

function answerIn(answer: SignedAnswer, mode: InvokeRequest['mode']): InvokeAnswer | OfSignature {
  const { status, headers, body } = answer;
  if (status >= 200 && status < 300) {
    if (mode === 'event') return { kind: 'accepted' };
    return { kind: headers['x-amz-function-error'] === undefined ? 'reply' : 'function-error', text: body };
  }
  const { code, message, json } = refusalIn(answer);
  if (status >= 400 && status < 500 && isOfSignature(code)) return { kind: 'of-signature' };
  const reason = json?.['Reason'];
  return answerOfRefusal(status, code || 'UnknownError', message, typeof reason === 'string' ? reason : undefined);
}
