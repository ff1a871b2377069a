import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

type Specification = { readonly AttributeName: string; readonly Enabled: boolean };

/** The two operations on time to live that a stand-in keeps itself. Nothing expires. */
const TARGET = /^DynamoDB_20120810\.(Update|Describe)TimeToLive$/;

/**
 * Adds the setting of time to live, which dynalite does not keep: it knows no `UpdateTimeToLive`, and describes every
 * table as `DISABLED`. Whether the table exists, dynalite is asked.
 * Source: Amazon DynamoDB API reference, "UpdateTimeToLive" and "DescribeTimeToLive".
 *
 * @param url where the stand-in listens
 */
export function withTimeToLive(answer: RequestListener, url: string): RequestListener {
  /** By the id of the table: another one of the same name has a setting of its own. */
  const enabled = new Map<string, string>();

  return (request, response) => {
    const operation = TARGET.exec(String(request.headers['x-amz-target']))?.[1];
    if (operation === undefined) return answer(request, response);
    text(request)
      .then((body) => answerOf(operation, request, body))
      .then(
        ({ status, output }) => send(response, status, output),
        () => response.destroy(),
      );
  };

  async function answerOf(operation: string, request: IncomingMessage, body: string): Promise<Answer> {
    const input: { TableName?: string; TimeToLiveSpecification?: Specification } = JSON.parse(body);
    const described = await describe(request, input.TableName);
    if (described.status !== 200) return described;
    const { TableId } = (described.output as { Table: { TableId: string } }).Table;
    const attribute = enabled.get(TableId);
    if (operation === 'Describe') {
      const TimeToLiveDescription =
        attribute === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute };
      return { status: 200, output: { TimeToLiveDescription } };
    }
    const wanted = input.TimeToLiveSpecification;
    if (!wanted) return invalid('TimeToLiveSpecification is missing');
    if (wanted.Enabled && attribute !== undefined) return invalid('TimeToLive is already enabled');
    if (!wanted.Enabled && attribute !== wanted.AttributeName) return invalid('TimeToLive is already disabled');
    if (wanted.Enabled) enabled.set(TableId, wanted.AttributeName);
    else enabled.delete(TableId);
    return { status: 200, output: { TimeToLiveSpecification: wanted } };
  }

  async function describe({ headers }: IncomingMessage, name: string | undefined): Promise<Answer> {
    const answered = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: headers.authorization ?? '',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': String(headers['x-amz-date']),
        'x-amz-target': 'DynamoDB_20120810.DescribeTable',
      },
      body: JSON.stringify({ TableName: name }),
    });
    return { status: answered.status, output: await answered.json() };
  }
}

interface Answer {
  readonly status: number;
  readonly output: unknown;
}

function invalid(message: string): Answer {
  return { status: 400, output: { __type: 'com.amazon.coral.validate#ValidationException', message } };
}

function send(response: ServerResponse, status: number, output: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(output));
}
