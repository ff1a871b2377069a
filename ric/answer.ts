import { type HttpResponse, PRELUDE_END } from '../core/gate/http-reply.ts';
import type { Log } from '../core/gate/ports.ts';
import type { Reply } from '../core/gate/reply.ts';
import type { RuntimeApi } from './runtime-api.ts';

/** Answers an invocation that the handler will not have. Never rejects. */
export type SendReply = (id: string, reply: Reply) => Promise<void>;

/** Answer to a caller whose reply cannot be sent: an error beats waiting for the function's time-out. */
const UNSENT = { errorType: 'MaintenanceWindow.Fault', errorMessage: 'under maintenance' };

/** Sends replies in the form that the function's kind (buffered or streaming) calls for. */
export function createSendReply(api: RuntimeApi, { streaming }: { readonly streaming?: boolean }, log: Log): SendReply {
  return async (id, reply) => {
    try {
      await send(id, reply);
    } catch (error) {
      log.write({ kind: 'fault', id, cause: `the reply could not be sent: ${error}`, insideWindow: true });
      try {
        fail(id, UNSENT);
      } catch (again) {
        log.write({ kind: 'fault', id, cause: `nor could an error: ${again}` });
      }
    }
  };

  async function send(id: string, reply: Reply): Promise<void> {
    switch (reply.kind) {
      case 'value':
        return api.respond(id, JSON.stringify(reply.value));
      case 'text':
        return api.respond(id, reply.text);
      case 'http':
        if (streaming && reply.streams) return stream(id, reply.response);
        return api.respond(id, JSON.stringify(reply.response));
      case 'error':
        return fail(id, reply);
    }
  }

  /** The prelude form: JSON, eight NUL bytes, the body. Source: Lambda developer guide, "Response streaming". */
  function stream(id: string, { body, isBase64Encoded, ...prelude }: HttpResponse): Promise<void> {
    const chunks = [JSON.stringify(prelude), PRELUDE_END, body].filter((chunk) => chunk !== '');
    return api.stream(id, 'application/vnd.awslambda.http-integration-response', chunks);
  }

  /** As upstream reports an error without a stack: the caller is not shown where in our code an answer was made. */
  function fail(id: string, { errorType, errorMessage }: { errorType: string; errorMessage: string }): void {
    const xrayCause = {
      working_directory: process.cwd(),
      exceptions: [{ type: errorType, message: errorMessage, stack: [] }],
      paths: [],
    };
    api.fail(id, JSON.stringify({ errorType, errorMessage, trace: [] }), JSON.stringify(xrayCause));
  }
}
