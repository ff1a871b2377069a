import { type HttpResponse, PRELUDE_END } from '../core/gate/http-reply.ts';
import type { Log } from '../core/gate/ports.ts';
import type { Reply } from '../core/gate/reply.ts';

/** The part of the Runtime API by which an invocation is answered. Texts are what goes over the wire. */
export interface RuntimeApi {
  respond(id: string, body: string): void | Promise<void>;
  /** @param xrayCause goes to X-Ray */
  fail(id: string, body: string, xrayCause: string): void | Promise<void>;
  /** Responds in chunks. Resolves once Lambda has the last one. */
  stream(id: string, contentType: string, chunks: readonly string[]): Promise<void>;
}

/**
 * Answers an invocation that the handler will not have. Never rejects.
 *
 * @returns whether Lambda has an answer, be it an error in the place of the reply
 */
export type SendReply = (id: string, reply: Reply) => Promise<boolean>;

/** Answer to a caller whose reply cannot be sent: an error beats waiting for the function's time-out. */
const UNSENT = { errorType: 'MaintenanceWindow.Fault', errorMessage: 'under maintenance' };

/** Sends replies in the form that the function's kind (buffered or streaming) calls for. */
export function createSendReply(api: RuntimeApi, handler: { readonly streaming?: boolean }, log: Log): SendReply {
  return async (id, reply) => {
    try {
      await send(id, reply);
      return true;
    } catch (error) {
      log.write({ kind: 'fault', id, cause: `the reply could not be sent: ${error}`, insideWindow: true });
      try {
        await fail(id, UNSENT);
        return true;
      } catch (again) {
        log.write({ kind: 'fault', id, cause: `nor could an error: ${again}` });
        return false;
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
        if (handler.streaming && reply.streams) return stream(id, reply.response);
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
  async function fail(id: string, { errorType, errorMessage }: { errorType: string; errorMessage: string }) {
    const xrayCause = {
      working_directory: process.cwd(),
      exceptions: [{ type: errorType, message: errorMessage, stack: [] }],
      paths: [],
    };
    await api.fail(id, JSON.stringify({ errorType, errorMessage, trace: [] }), JSON.stringify(xrayCause));
  }
}
