import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../core/gate/http-reply.ts';
import type { LogEntry } from '../../../core/gate/ports.ts';
import type { Reply } from '../../../core/gate/reply.ts';
import { createSendReply, type RuntimeApi } from '../../../host/answer.ts';

const UNDER_MAINTENANCE: HttpResponse = {
  statusCode: 503,
  headers: { 'Retry-After': '60' },
  body: '{"message":"under maintenance"}',
  isBase64Encoded: false,
};

/** A Runtime API that records every call in order. What is in `broken` throws. */
function recordingApi(broken: readonly string[]) {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...values: unknown[]) => {
      if (broken.includes(name)) throw new Error('connection refused');
      calls.push([name, ...values]);
    };
  const stream = record('stream');
  const api: RuntimeApi = {
    respond: record('respond'),
    fail: record('fail'),
    stream: async (...values) => stream(...values),
  };
  return { api, calls };
}

async function sent(reply: Reply, { streaming = false, broken = [] as string[] } = {}) {
  const { api, calls } = recordingApi(broken);
  const logged: LogEntry[] = [];
  await createSendReply(api, { streaming }, { write: (entry) => logged.push(entry) })('r-1', reply);
  return { calls, logged };
}

const xrayCause = (type: string, message: string) =>
  JSON.stringify({ working_directory: process.cwd(), exceptions: [{ type, message, stack: [] }], paths: [] });

describe('a reply', () => {
  it('that is a value is its JSON', async () => {
    expect((await sent({ kind: 'value', value: { batchItemFailures: [] } })).calls).toEqual([
      ['respond', 'r-1', '{"batchItemFailures":[]}'],
    ]);
    expect((await sent({ kind: 'value', value: null }, { streaming: true })).calls).toEqual([
      ['respond', 'r-1', 'null'],
    ]);
  });

  it('that is a text is sent as it is', async () => {
    const text = '{ "n": 9007199254740993 }';
    expect((await sent({ kind: 'text', text })).calls).toEqual([['respond', 'r-1', text]]);
  });

  it('that is an error shows its caller no trace of our code', async () => {
    const reply: Reply = { kind: 'error', errorType: 'MaintenanceWindow.Active', errorMessage: 'under maintenance' };
    expect((await sent(reply)).calls).toEqual([
      [
        'fail',
        'r-1',
        '{"errorType":"MaintenanceWindow.Active","errorMessage":"under maintenance","trace":[]}',
        xrayCause('MaintenanceWindow.Active', 'under maintenance'),
      ],
    ]);
  });

  it('over HTTP is an object for a buffered function', async () => {
    expect((await sent({ kind: 'http', response: UNDER_MAINTENANCE, streams: true })).calls).toEqual([
      ['respond', 'r-1', JSON.stringify(UNDER_MAINTENANCE)],
    ]);
  });

  it('over HTTP is an object for a streaming function too where its caller reads no stream', async () => {
    const reply: Reply = { kind: 'http', response: UNDER_MAINTENANCE, streams: false };
    expect((await sent(reply, { streaming: true })).calls).toEqual([
      ['respond', 'r-1', JSON.stringify(UNDER_MAINTENANCE)],
    ]);
  });

  it('over HTTP is a prelude, eight NUL bytes and the body for a streaming function whose caller reads a stream', async () => {
    const reply: Reply = { kind: 'http', response: UNDER_MAINTENANCE, streams: true };
    expect((await sent(reply, { streaming: true })).calls).toEqual([
      [
        'stream',
        'r-1',
        'application/vnd.awslambda.http-integration-response',
        ['{"statusCode":503,"headers":{"Retry-After":"60"}}', '\0'.repeat(8), '{"message":"under maintenance"}'],
      ],
    ]);
  });

  it.each<Reply>([
    { kind: 'value', value: null },
    { kind: 'http', response: UNDER_MAINTENANCE, streams: true },
  ])('that cannot be sent ($kind) becomes an error, so that nobody waits for the time-out', async (reply) => {
    const { calls, logged } = await sent(reply, { streaming: true, broken: ['respond', 'stream'] });
    expect(calls).toEqual([
      [
        'fail',
        'r-1',
        '{"errorType":"MaintenanceWindow.Fault","errorMessage":"under maintenance","trace":[]}',
        xrayCause('MaintenanceWindow.Fault', 'under maintenance'),
      ],
    ]);
    expect(logged).toEqual([
      { kind: 'fault', id: 'r-1', cause: 'the reply could not be sent: Error: connection refused', insideWindow: true },
    ]);
  });

  it('that cannot be sent in any way is told in the log and never thrown', async () => {
    const { logged } = await sent({ kind: 'value', value: null }, { broken: ['respond', 'fail'] });
    expect(logged).toEqual([
      { kind: 'fault', id: 'r-1', cause: 'the reply could not be sent: Error: connection refused', insideWindow: true },
      { kind: 'fault', id: 'r-1', cause: 'nor could an error: Error: connection refused' },
    ]);
  });
});
