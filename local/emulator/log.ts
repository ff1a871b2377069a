/**
 * What the emulator writes about an invocation, and nowhere else says: its HTTP answer is 200 for a function that failed,
 * and carries no request id. Its log at level `debug` has both.
 * Source: tried with version 1.37; the wording is that of its `rapi/middleware` since 1.0.
 */

/** One line of the emulator's standard error. `own`: its own chatter. `trouble`: what a reader wants to see. */
export type EmulatorLogLine =
  | { readonly kind: 'posted'; readonly id: string; readonly what: 'response' | 'error' }
  | { readonly kind: 'own' }
  | { readonly kind: 'trouble' };

/** One line of its standard output: the function's own, unless the emulator wrote one of Lambda's three around it. */
export type FunctionLogLine =
  | { readonly kind: 'start' | 'end' | 'report'; readonly id: string; readonly before: string }
  | { readonly kind: 'function' };

const POSTED = /\(rapid\) API request - POST \/2018-06-01\/runtime\/invocation\/([^/\s]+)\/(response|error),/;
const CHATTER = /^\d\d \w+ \d{4} \d\d:\d\d:\d\d,\d{3} \[(?:TRACE|DEBUG|INFO|WARNING)\] \(rapid\) /;
/** A function that does not end its last line has Lambda's words behind it. */
const AROUND = /^(.*?)(START|END|REPORT) RequestId: ([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:$|\s)/;

/** Reads one line of the emulator's standard error. */
export function readEmulatorLine(line: string): EmulatorLogLine {
  const posted = POSTED.exec(line);
  if (posted?.[1]) return { kind: 'posted', id: posted[1], what: posted[2] === 'error' ? 'error' : 'response' };
  return { kind: line === '' || CHATTER.test(line) ? 'own' : 'trouble' };
}

/** Reads one line of the emulator's standard output. */
export function readFunctionLine(line: string): FunctionLogLine {
  const [, before = '', word, id] = AROUND.exec(line) ?? [];
  if (!word || !id) return { kind: 'function' };
  return { kind: word === 'START' ? 'start' : word === 'END' ? 'end' : 'report', id, before };
}
