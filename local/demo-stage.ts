import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { decodeBody } from '../core/events/body.ts';
import { eventKey } from '../core/events/table.ts';
import { CLIENT_SETTINGS } from './aws/stand-ins.ts';
import { clientEnvironment } from './environment.ts';
import { type Addresses, FUNCTION_NAME, PARAMETER, TABLE } from './guide.ts';

/** What an invocation brought, seen from outside. */
export interface Invoked {
  readonly id: string;
  readonly failed: boolean;
  readonly reply: string;
  /** What the function wrote meanwhile. */
  readonly lines: readonly string[];
}

/** A deferred event as it lies in the table. `text` is unpacked, and proved by the checksum that lies beside it. */
export interface StoredEvent {
  readonly status: string;
  readonly source: string;
  readonly text: string;
}

/** What the operator's tool came to. */
export interface Replayed {
  readonly exitCode: number | null;
  /** All that it wrote. */
  readonly text: string;
  /** What the function wrote meanwhile. */
  readonly lines: readonly string[];
}

/** What the demonstration does to the running system: nothing that a user could not do with the SDK. */
export interface Stage {
  invoke(eventText: string): Promise<Invoked>;
  setWindows(value: string): Promise<void>;
  storedEvent(id: string): Promise<StoredEvent | undefined>;
  /** Runs the operator's tool: everything that is pending goes to the function. */
  replay(): Promise<Replayed>;
  /** Waits until the drain has replayed an event, or for long enough: what function, monitor and drain wrote meanwhile. */
  drained(id: string): Promise<readonly string[]>;
  close(): void;
}

/** With what the demonstration works. */
export interface StageParts {
  readonly addresses: Addresses;
  /** The operator's tool. */
  readonly tool: string;
  /** What the tool inherits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gives the lines that the function wrote since the last call. */
  readonly takeLines: () => string[];
}

/** Until every environment has seen a window's end, and the drain has come and gone. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 250;

/** Real clients of real endpoints, and the operator's tool as a process of its own. */
export function createStage({ addresses, tool, environment, takeLines }: StageParts): Stage {
  const { invokeUrl, ssmUrl, dynamoDbUrl } = addresses;
  const lambda = new LambdaClient({ ...CLIENT_SETTINGS, endpoint: invokeUrl });
  const ssm = new SSMClient({ ...CLIENT_SETTINGS, endpoint: ssmUrl });
  const dynamoDb = new DynamoDBClient({ ...CLIENT_SETTINGS, endpoint: dynamoDbUrl });

  return {
    async invoke(eventText) {
      takeLines();
      const { $metadata, FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: eventText }),
      );
      return {
        id: $metadata.requestId ?? '',
        failed: FunctionError !== undefined,
        reply: Buffer.from(Payload ?? []).toString(),
        lines: takeLines(),
      };
    },

    async setWindows(value) {
      await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value: value, Overwrite: true }));
    },

    storedEvent,

    async replay() {
      takeLines();
      const ran = await run([tool, 'replay'], {
        ...environment,
        AWS_PROFILE: undefined,
        ...clientEnvironment(addresses),
      });
      return { ...ran, lines: takeLines() };
    },

    async drained(id) {
      const lines: string[] = [];
      for (const giveUpAt = Date.now() + PATIENCE_MS; Date.now() < giveUpAt; await pause(LOOK_MS)) {
        lines.push(...takeLines());
        const isReplayed = (await storedEvent(id))?.status === 'replayed';
        if (isReplayed && lines.some((line) => line.startsWith('Replay '))) break;
      }
      return lines;
    },

    close() {
      for (const client of [lambda, ssm, dynamoDb]) client.destroy();
    },
  };

  async function storedEvent(id: string): Promise<StoredEvent | undefined> {
    const { Item: item } = await dynamoDb.send(
      new GetItemCommand({
        TableName: TABLE,
        Key: { pk: { S: eventKey({ functionName: FUNCTION_NAME, id }) } },
        ConsistentRead: true,
      }),
    );
    if (!item) return undefined;
    const body = await decodeBody(item['body']?.B ?? new Uint8Array(), {
      encoding: item['encoding']?.S ?? '',
      sha256: item['sha256']?.S ?? '',
      bytes: Number(item['bytes']?.N),
    });
    if (body.kind === 'damaged') throw new Error(body.message);
    return { status: item['status']?.S ?? '', source: item['source']?.S ?? '', text: body.text };
  }
}

function run(words: readonly string[], env: StageParts['environment']): Promise<Omit<Replayed, 'lines'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (more) => {
        text += more;
      });
    }
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, text }));
  });
}
