import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../core/gate/ports.ts';
import { createLog, type LogSettings, readLogSettings } from '../../../host/log.ts';

const WINDOW = { startAt: Date.UTC(2026, 10, 21), endAt: Date.UTC(2026, 10, 21, 4), reason: 'CHG-1042' };
const DEFERRED: LogEntry = {
  kind: 'deferred',
  id: 'r-1',
  source: 'sqs',
  bytes: 512,
  outcome: 'stored',
  latencyMs: 7,
  window: WINDOW,
};
const EVERY_KIND: readonly LogEntry[] = [
  DEFERRED,
  { kind: 'reject', id: 'r-1', source: 'http', bytes: 12, window: WINDOW },
  { kind: 'answer', id: 'r-1', source: 'warmer', bytes: 12, window: { startAt: 0 } },
  { kind: 'deferral-failed', id: 'r-1', source: 'sqs', bytes: 1, cause: 'no table', window: WINDOW },
  { kind: 'taken-back', id: 'r-1', source: 'direct', outcome: 'taken-back' },
  { kind: 'taken-back', id: 'r-1', source: 'direct', outcome: 'done' },
  { kind: 'taken-back', id: 'r-1', source: 'direct', outcome: 'unknown', cause: 'time-out' },
  { kind: 'window-began', window: WINDOW },
  { kind: 'window-ended' },
  { kind: 'window-read-failed', parameters: ['w'], cause: 'denied', firstOfStreak: true, effect: 'going on without' },
  { kind: 'window-missing', parameters: ['w'] },
  { kind: 'window-warning', cause: 'no end' },
  { kind: 'compile-cache-unused', cause: 'another CPU' },
  { kind: 'native-sockets-unused', cause: 'musl' },
  { kind: 'fault', cause: 'a bug' },
];

function linesOf(entry: LogEntry, settings: Partial<LogSettings> = {}): string[] {
  const lines: string[] = [];
  const all: LogSettings = { format: 'TEXT', level: 'TRACE', functionName: 'orders', ...settings };
  createLog(all, '1.2.3', (line) => lines.push(line)).write(entry);
  return lines;
}

describe('a log line', () => {
  it('in text form begins as Lambda’s own lines do, and then is JSON', () => {
    const [line = ''] = linesOf(DEFERRED);
    const [at = '', id, level, json = ''] = line.split('\t');
    expect(new Date(at).toISOString()).toBe(at);
    expect([id, level]).toEqual(['r-1', 'INFO']);
    expect(JSON.parse(json)).toEqual({
      maintenanceWindow: 'deferred',
      message: 'deferred: the event is stored, the handler was not called',
      source: 'sqs',
      bytes: 512,
      outcome: 'stored',
      latencyMs: 7,
      windowStart: '2026-11-21T00:00:00.000Z',
      windowEnd: '2026-11-21T04:00:00.000Z',
      windowReason: 'CHG-1042',
      clientVersion: '1.2.3',
    });
  });

  it('in JSON form has Lambda’s own keys', () => {
    const [line = ''] = linesOf(DEFERRED, { format: 'JSON' });
    expect(JSON.parse(line)).toMatchObject({
      timestamp: expect.any(String),
      level: 'INFO',
      requestId: 'r-1',
      maintenanceWindow: 'deferred',
    });
  });

  it.each(EVERY_KIND.map((entry) => [entry.kind, entry] as const))('of kind %s is one line of words', (_, entry) => {
    for (const format of ['TEXT', 'JSON'] as const) {
      const [line = ''] = linesOf(entry, { format });
      expect(line).not.toContain('\n');
      expect(line).toMatch(/"message":"[a-z]/i);
    }
  });

  it.each(EVERY_KIND.map((entry) => [entry.kind, entry] as const))(
    'of kind %s names the client’s version, and so do its metrics',
    (_, entry) => {
      for (const format of ['TEXT', 'JSON'] as const) {
        const lines = linesOf(entry, { format });
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines)
          expect(JSON.parse(line.slice(line.indexOf('{')))).toMatchObject({ clientVersion: '1.2.3' });
      }
    },
  );

  it('below the level that the function asks for is not written, but its metrics are', () => {
    expect(linesOf(DEFERRED, { level: 'WARN' }).map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['_aws']);
  });

  it('that cannot be written costs nothing', () => {
    const log = createLog({ format: 'TEXT', level: 'TRACE', functionName: 'f' }, '1.2.3', () => {
      throw new Error('EPIPE');
    });
    expect(() => log.write(DEFERRED)).not.toThrow();
  });
});

describe('the embedded metrics', () => {
  it('name every metric with its unit, under one dimension', () => {
    const [, metrics = ''] = linesOf(DEFERRED);
    expect(JSON.parse(metrics)).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'MaintenanceWindow',
            Dimensions: [['FunctionName']],
            Metrics: [
              { Name: 'Deferred', Unit: 'Count' },
              { Name: 'DeferralLatency', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
      FunctionName: 'orders',
      Deferred: 1,
      DeferralLatency: 7,
      clientVersion: '1.2.3',
    });
  });

  it('count every failed read; those that follow one another are one line', () => {
    const again = { ...EVERY_KIND.find(({ kind }) => kind === 'window-read-failed'), firstOfStreak: false } as LogEntry;
    const lines = linesOf(again, { level: 'TRACE' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ WindowReadFailed: 1 })]);
  });
});

describe('a fault of the gate', () => {
  const counted = (entry: LogEntry) => {
    const { _aws, clientVersion: _, ...counts } = JSON.parse(linesOf(entry)[1] ?? '{}');
    return counts;
  };

  it('is counted, wherever it is met', () => {
    expect(counted({ kind: 'fault', cause: 'a bug' })).toEqual({ FunctionName: 'orders', GateFault: 1 });
  });

  it('that an invocation inside a window meets is a deferral that failed, too', () => {
    const entry: LogEntry = { kind: 'fault', id: 'r-1', cause: 'a bug', insideWindow: true };
    expect(counted(entry)).toEqual({ FunctionName: 'orders', GateFault: 1, DeferralFailed: 1 });
  });
});

describe('the log settings', () => {
  it('are Lambda’s own, in any case, and fall back as the client’s do', () => {
    const settings = { AWS_LAMBDA_LOG_FORMAT: 'json', AWS_LAMBDA_LOG_LEVEL: 'warn', AWS_LAMBDA_FUNCTION_NAME: 'f' };
    expect(readLogSettings(settings)).toEqual({ format: 'JSON', level: 'WARN', functionName: 'f' });
    expect(readLogSettings({ AWS_LAMBDA_LOG_LEVEL: 'LOUD' })).toEqual({
      format: 'TEXT',
      level: 'TRACE',
      functionName: '',
    });
  });
});
