import type { Log, LogEntry } from '../core/gate/ports.ts';
import { type MetricValues, metricsLine } from '../core/metrics.ts';

/** How Lambda's log settings ask for lines. Source: Lambda developer guide, "Configuring JSON and plain text log formats". */
export interface LogSettings {
  readonly format: 'JSON' | 'TEXT';
  /** Lines below this level are not written; metrics are, always. */
  readonly level: Level;
  readonly functionName: string;
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
type Level = (typeof LEVELS)[number];

/** Reads Lambda's own log settings, as the client does: an unknown value is the default. */
export function readLogSettings(environment: Readonly<Record<string, string | undefined>>): LogSettings {
  const level = environment['AWS_LAMBDA_LOG_LEVEL']?.toUpperCase();
  return {
    format: environment['AWS_LAMBDA_LOG_FORMAT']?.toUpperCase() === 'JSON' ? 'JSON' : 'TEXT',
    level: LEVELS.find((known) => known === level) ?? 'TRACE',
    functionName: environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
  };
}

/**
 * Writes each entry as one line, and what counts as one more of CloudWatch's embedded metrics: see `core/metrics.ts`.
 * One dimension, the function's name. Both name the client's version, so that a fleet's versions can be searched for.
 *
 * @param clientVersion of this project
 * @param write takes a whole line without its end, e.g. to standard output
 */
export function createLog(
  { format, level: least, functionName }: LogSettings,
  clientVersion: string,
  write: (line: string) => void,
): Log {
  return {
    write(entry) {
      try {
        const at = new Date();
        const { level, message, metrics } = wordsOf(entry);
        if (isTold(entry) && LEVELS.indexOf(level) >= LEVELS.indexOf(least)) write(lineOf(entry, level, message, at));
        if (metrics) write(metricsLine({ FunctionName: functionName }, metrics, at.getTime(), { clientVersion }));
      } catch {
        // A log that cannot be written must not cost an event.
      }
    },
  };

  function lineOf(entry: LogEntry, level: Level, message: string, at: Date): string {
    const id = 'id' in entry ? entry.id : undefined;
    const { kind, id: _, window, pausedUntil, ...facts } = { id, window: undefined, pausedUntil: undefined, ...entry };
    const told = {
      maintenanceWindow: kind,
      message,
      ...facts,
      ...(pausedUntil !== undefined && { pausedUntil: new Date(pausedUntil).toISOString() }),
      ...(window && windowFacts(window)),
      clientVersion,
    };
    if (format === 'JSON')
      return JSON.stringify({ timestamp: at.toISOString(), level, ...(id && { requestId: id }), ...told });
    return `${at.toISOString()}\t${id ?? '-'}\t${level}\t${JSON.stringify(told)}`;
  }
}

/** Failed reads in a row are one line; each of them counts. */
function isTold(entry: LogEntry): boolean {
  return entry.kind !== 'window-read-failed' || entry.firstOfStreak;
}

function wordsOf(entry: LogEntry): { level: Level; message: string; metrics?: MetricValues } {
  switch (entry.kind) {
    case 'deferred':
      return {
        level: 'INFO',
        message: 'deferred: the event is stored, the handler was not called',
        metrics: { Deferred: 1, DeferralLatency: entry.latencyMs },
      };
    case 'reject':
      return { level: 'INFO', message: 'rejected: under maintenance, nothing is stored', metrics: { Rejected: 1 } };
    case 'answer':
      return {
        level: 'DEBUG',
        message: `answered ${entry.rule === undefined ? 'a probe' : 'as a rule of the policy says'}, nothing is stored`,
      };
    case 'deferral-failed':
      return {
        level: 'ERROR',
        message: 'deferral failed: the event is not stored, the caller was told so',
        metrics: { DeferralFailed: 1 },
      };
    case 'taken-back':
      return { level: entry.outcome === 'unknown' ? 'WARN' : 'INFO', message: takenBackWords[entry.outcome] };
    case 'window-began':
      return { level: 'INFO', message: 'a maintenance window is active' };
    case 'window-ended':
      return { level: 'INFO', message: 'the maintenance window has ended' };
    case 'window-read-failed':
      return {
        level: 'WARN',
        message: `the window parameter cannot be read: ${entry.effect}`,
        metrics: { WindowReadFailed: 1 },
      };
    case 'window-missing':
      return {
        level: 'WARN',
        message:
          'a window parameter does not exist, so it has no windows: the first  maintenance-window begin  makes it; ' +
          'if it was made, look at its name, region and account',
      };
    case 'window-warning':
      return { level: 'WARN', message: 'the window parameter reads oddly' };
    case 'compile-cache-unused':
      return { level: 'WARN', message: 'the compile cache in the image is not used: this start took longer' };
    case 'native-sockets-unused':
      return {
        level: 'WARN',
        message: 'the native sockets are not used: Node makes the connections, whose modules take longer to load',
      };
    case 'proxy-unused':
      return {
        level: 'ERROR',
        message:
          'no runtime has connected to the proxy, so nothing guards this function: set AWS_LAMBDA_EXEC_WRAPPER to ' +
          '/opt/maintenance-window/wrapper; an OS-only runtime (provided.*) starts the wrapper in its own bootstrap',
        metrics: { GateFault: 1 },
      };
    case 'fault':
      return {
        level: 'ERROR',
        message: 'a fault of the maintenance window gate',
        metrics: { GateFault: 1, ...(entry.insideWindow && { DeferralFailed: 1 }) },
      };
  }
}

const takenBackWords = {
  'taken-back': 'Lambda tries a stored invocation again after the window: taken back, the handler runs',
  done: 'Lambda tries a stored invocation again after the window: it is being replayed or was dealt with, the handler does not run',
  unknown:
    'the table did not say whether this invocation is stored: the handler runs, as it does for all that come until pausedUntil; what was stored of them may run twice',
} as const;

function windowFacts({ startAt, endAt, reason }: { startAt: number; endAt?: number; reason?: string }) {
  return {
    windowStart: new Date(startAt).toISOString(),
    ...(endAt !== undefined && { windowEnd: new Date(endAt).toISOString() }),
    ...(reason !== undefined && { windowReason: reason }),
  };
}
