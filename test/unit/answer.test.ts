import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../gate/http-reply.ts';
import type { LogEntry } from '../../gate/ports.ts';
import type { Reply } from '../../gate/reply.ts';
import { createSendReply } from '../../ric/answer.ts';
import type { ResponseStream, UpstreamRuntime } from '../../ric/upstream.ts';

const UNDER_MAINTENANCE: HttpResponse = {
  statusCode: 503,
  headers: { 'Retry-After': '60' },
  body: '{"message":"under maintenance"}',
  isBase64Encoded: false,
};

/** Upstream's objects as the client uses them, recording every call in order. */
function recordingRuntime({ streaming = false, broken = false } = {}) {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...args: unknown[]) => {
      if (broken) throw new Error('connection refused');
      calls.push([name, ...args]);
      return true;
    };
  const responseStream: ResponseStream = {
    setContentType: record('setContentType'),
    write: record('write'),
    end: record('end'),
  };
  const runtime: UpstreamRuntime = {
    handlerMetadata: { streaming },
    isMultiConcurrent: false,
    lifecycle: {
      client: {
        nextInvocation: () => Promise.reject(new Error('not polled here')),
        postInvocationResponse: record('response'),
        postInvocationError: (error, id) => record('error')(error.name, error.message, error.stack, id),
        postInitError: async () => {},
      },
      setupResponseStream: (id) => {
        record('stream')(id);
        return { rapidResponse: Promise.resolve(), responseStream };
      },
    },
  };
  return { runtime, calls };
}

async function sent(reply: Reply, kind: { streaming?: boolean; broken?: boolean } = {}) {
  const { runtime, calls } = recordingRuntime(kind);
  const logged: LogEntry[] = [];
  await createSendReply(runtime, { write: (entry) => logged.push(entry) })('r-1', reply);
  return { calls, logged };
}

describe('a reply', () => {
  it('that is a value goes through upstream’s client', async () => {
    expect((await sent({ kind: 'value', value: { batchItemFailures: [] } })).calls).toEqual([
      ['response', { batchItemFailures: [] }, 'r-1'],
    ]);
    expect((await sent({ kind: 'value', value: null }, { streaming: true })).calls).toEqual([
      ['response', null, 'r-1'],
    ]);
  });

  it('that is an error shows its caller no trace of our code', async () => {
    const reply: Reply = { kind: 'error', errorType: 'MaintenanceWindow.Active', errorMessage: 'under maintenance' };
    expect((await sent(reply)).calls).toEqual([
      ['error', 'MaintenanceWindow.Active', 'under maintenance', undefined, 'r-1'],
    ]);
  });

  it('over HTTP is an object for a buffered function', async () => {
    expect((await sent({ kind: 'http', response: UNDER_MAINTENANCE, streams: true })).calls).toEqual([
      ['response', UNDER_MAINTENANCE, 'r-1'],
    ]);
  });

  it('over HTTP is an object for a streaming function too where its caller reads no stream', async () => {
    const reply: Reply = { kind: 'http', response: UNDER_MAINTENANCE, streams: false };
    expect((await sent(reply, { streaming: true })).calls).toEqual([['response', UNDER_MAINTENANCE, 'r-1']]);
  });

  it('over HTTP is a prelude, eight NUL bytes and the body for a streaming function whose caller reads a stream', async () => {
    const reply: Reply = { kind: 'http', response: UNDER_MAINTENANCE, streams: true };
    expect((await sent(reply, { streaming: true })).calls).toEqual([
      ['stream', 'r-1'],
      ['setContentType', 'application/vnd.awslambda.http-integration-response'],
      ['write', '{"statusCode":503,"headers":{"Retry-After":"60"}}'],
      ['write', new Uint8Array(8)],
      ['write', '{"message":"under maintenance"}'],
      ['end'],
    ]);
  });

  it('that cannot be sent is told in the log and never thrown', async () => {
    const { logged } = await sent({ kind: 'value', value: null }, { broken: true });
    expect(logged).toEqual([
      { kind: 'fault', id: 'r-1', cause: 'the reply could not be sent: Error: connection refused' },
    ]);
  });
});
