import type { RuntimeApi } from '../host/answer.ts';
import { createHttpRuntimeApi } from '../host/http-runtime-api.ts';
import type { UpstreamClient } from './patch/upstream.ts';

/**
 * Answers as upstream's client does, through its compiled part, and by the same requests; but with nothing in between
 * that a handler could have changed.
 */
export function createRuntimeApi({ nativeClient, hostname, port }: UpstreamClient): RuntimeApi {
  const { done, error } = nativeClient;
  const { stream } = createHttpRuntimeApi(hostname, port);
  return {
    respond: (id, body) => Reflect.apply(done, nativeClient, [encodeURIComponent(id), body]),
    fail: (id, body, xrayCause) => Reflect.apply(error, nativeClient, [encodeURIComponent(id), body, xrayCause]),
    stream,
  };
}
