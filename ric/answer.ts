import type { HttpResponse } from '../gate/http-reply.ts';
import type { Log } from '../gate/ports.ts';
import type { Reply } from '../gate/reply.ts';
import type { UpstreamRuntime } from './upstream.ts';

/** Answers an invocation that the handler will not have. Never rejects. */
export type SendReply = (id: string, reply: Reply) => Promise<void>;

/** Sends replies through upstream's own client, in the form that the function's kind (buffered or streaming) calls for. */
export function createSendReply({ handlerMetadata, lifecycle }: UpstreamRuntime, log: Log): SendReply {
  const { client } = lifecycle;

  async function send(id: string, reply: Reply): Promise<void> {
    switch (reply.kind) {
      case 'value':
        return client.postInvocationResponse(reply.value, id);
      case 'text':
        return client.postInvocationResponse(JSON.parse(reply.text), id);
      case 'http':
        if (handlerMetadata.streaming && reply.streams) return stream(id, reply.response);
        return client.postInvocationResponse(reply.response, id);
      case 'error':
        return client.postInvocationError(errorOf(reply), id);
    }
  }

  /**
   * The prelude form: JSON, eight NUL bytes, the body. Source: Lambda developer guide, "Response streaming".
   * The body goes by `write`, because upstream drops what precedes an `end(body)` without a `write` before it.
   */
  async function stream(id: string, { body, isBase64Encoded, ...prelude }: HttpResponse): Promise<void> {
    const { rapidResponse, responseStream } = lifecycle.setupResponseStream(id, {});
    responseStream.setContentType('application/vnd.awslambda.http-integration-response');
    responseStream.write(JSON.stringify(prelude));
    responseStream.write(new Uint8Array(8));
    responseStream.write(body);
    responseStream.end();
    await rapidResponse;
  }

  return (id, reply) =>
    send(id, reply).catch((error) => log.write({ kind: 'fault', id, cause: `the reply could not be sent: ${error}` }));
}

/** Without a stack upstream reports an empty trace: the caller is not shown where in our code an answer was made. */
function errorOf({ errorType, errorMessage }: Reply & { kind: 'error' }): Error {
  return Object.assign(new Error(errorMessage), { name: errorType, stack: undefined });
}
