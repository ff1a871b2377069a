/** An SSM that takes its time, so that editors meet who would pass each other by otherwise. */
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlowSsm extends AsyncDisposable {
  readonly url: string;
}

/** A request that is about to be passed on. */
export interface PassingRequest {
  /** `PutParameter` */
  readonly operation: string;
  readonly parameter: string;
}

/** Called before a request is passed on, and waited for. */
export type BeforePassing = (request: PassingRequest) => Promise<unknown>;

/** Passes requests on to an SSM once `before` has resolved. */
export async function startSlowSsm(target: string, before: BeforePassing): Promise<SlowSsm> {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { Name = '', Names = [Name] } = JSON.parse(body.toString());
    await before({
      operation: String(request.headers['x-amz-target']).split('.')[1] ?? '',
      parameter: String(Names[0]),
    });
    const { method, headers } = request;
    const passed = forward(target, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    passed.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for anything up to `longestMs`. */
export async function aWhile(longestMs: number): Promise<void> {
  await sleep(Math.random() * longestMs);
}
