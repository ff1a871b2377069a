import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

interface Specified {
  readonly TableName?: string;
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled: boolean };
}

/** Settings of one table. Nothing follows from them: nothing expires, and nothing is kept to be restored. */
interface TableSettings {
  attribute?: string | undefined;
  isRecoverable?: boolean;
}

/** The operations on settings that a stand-in keeps itself. */
const TARGET = /^DynamoDB_20120810\.((?:Update|Describe)(?:TimeToLive|ContinuousBackups))$/;

/**
 * Adds settings that dynalite does not keep: time to live, which it describes as `DISABLED` for every table, and
 * point-in-time recovery, which it does not know. Whether the table exists, dynalite is asked.
 * Source: Amazon DynamoDB API reference, "UpdateTimeToLive", "UpdateContinuousBackups" and their descriptions.
 *
 * @param url where the stand-in listens
 */
export function withTableSettings(answer: RequestListener, url: string): RequestListener {
  /** By the id of the table: another one of the same name has settings of its own. */
  const settings = new Map<string, TableSettings>();

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
    const input: Specified = JSON.parse(body);
    const described = await describe(request, input.TableName);
    if (described.status !== 200) return described;
    const { TableId } = (described.output as { Table: { TableId: string } }).Table;
    const ofTable = settings.get(TableId) ?? {};
    settings.set(TableId, ofTable);
    switch (operation) {
      case 'DescribeTimeToLive':
        return timeToLive(ofTable);
      case 'UpdateTimeToLive':
        return setTimeToLive(ofTable, input);
      case 'UpdateContinuousBackups':
        return setBackups(ofTable, input);
      default:
        return backups(ofTable);
    }
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

function timeToLive({ attribute }: TableSettings): Answer {
  const TimeToLiveDescription =
    attribute === undefined
      ? { TimeToLiveStatus: 'DISABLED' }
      : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute };
  return { status: 200, output: { TimeToLiveDescription } };
}

function setTimeToLive(settings: TableSettings, { TimeToLiveSpecification: wanted }: Specified): Answer {
  if (!wanted) return invalid('TimeToLiveSpecification is missing');
  if (wanted.Enabled && settings.attribute !== undefined) return invalid('TimeToLive is already enabled');
  if (!wanted.Enabled && settings.attribute !== wanted.AttributeName) return invalid('TimeToLive is already disabled');
  settings.attribute = wanted.Enabled ? wanted.AttributeName : undefined;
  return { status: 200, output: { TimeToLiveSpecification: wanted } };
}

function backups({ isRecoverable = false }: TableSettings): Answer {
  const PointInTimeRecoveryDescription = { PointInTimeRecoveryStatus: isRecoverable ? 'ENABLED' : 'DISABLED' };
  const ContinuousBackupsDescription = { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription };
  return { status: 200, output: { ContinuousBackupsDescription } };
}

function setBackups(settings: TableSettings, { PointInTimeRecoverySpecification: wanted }: Specified): Answer {
  if (!wanted) return invalid('PointInTimeRecoverySpecification is missing');
  settings.isRecoverable = wanted.PointInTimeRecoveryEnabled;
  return backups(settings);
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
