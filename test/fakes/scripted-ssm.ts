/** An SSM that answers what a test says. Whoever needs SSM's rules uses `local/aws/ssm.ts`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

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

export interface ScriptedSsm extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
}

/** Starts it on a free port. */
export async function startScriptedSsm(answer: (request: ScriptedRequest) => ScriptedAnswer): Promise<ScriptedSsm> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const asked = { operation, input: (await json(request)) as ScriptedRequest['input'] };
    requests.push(asked);
    const { status, body, date } = answer(asked);
    if (date !== undefined) response.sendDate = false;
    if (date) response.setHeader('Date', date);
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
