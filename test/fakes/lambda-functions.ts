/** Lambda, as far as it tells of functions. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A function as Lambda tells of it. */
export interface ToldFunction {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly PackageType?: 'Image' | 'Zip';
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

/** A Lambda that tells of these functions. */
export interface LambdaFunctions extends AsyncDisposable {
  readonly url: string;
  /** Refuses to list: the operator's role of the construct may ask about one function only. */
  mayList: boolean;
  /** A parameter that those read, too, which read any. */
  alsoRead?: string | undefined;
}

/** Functions on one page of a list, so that a few make several pages. */
const PAGE = 2;

/** Starts it on a free port. */
export async function startLambdaFunctions(functions: readonly ToldFunction[]): Promise<LambdaFunctions> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://lambda');
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/.exec(pathname) ?? [];
    if (name !== undefined) return tell(response, name);
    if (!lambda.mayList) {
      const Message = 'User: arn:aws:iam::012345678912:user/ada is not authorized to perform: lambda:ListFunctions';
      return send(response, 403, { Message }, 'AccessDeniedException');
    }
    const from = Number(searchParams.get('Marker') ?? 0);
    const next = from + PAGE;
    return send(response, 200, {
      Functions: functions.slice(from, next).map(reading),
      ...(next < functions.length && { NextMarker: String(next) }),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const lambda: LambdaFunctions = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mayList: true,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return lambda;

  function reading(told: ToldFunction): ToldFunction {
    const { Variables } = told.Environment ?? {};
    const name = 'MAINTENANCE_WINDOW_PARAMETER';
    if (!Variables?.[name] || lambda.alsoRead === undefined) return told;
    return { ...told, Environment: { Variables: { ...Variables, [name]: `${Variables[name]},${lambda.alsoRead}` } } };
  }

  function tell(response: ServerResponse, name: string): void {
    const found = functions.find(({ FunctionName }) => FunctionName === name);
    if (found) send(response, 200, reading(found));
    else send(response, 404, { Message: `Function not found: ${name}` }, 'ResourceNotFoundException');
  }
}

function send(response: ServerResponse, status: number, body: object, error?: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...(error && { 'x-amzn-ErrorType': error }) });
  response.end(JSON.stringify(body));
}
