#!/usr/bin/env node
/** `maintenance-window`: windows, and the replay of what was stored inside them. See `maintenance-window --help`. */
import type { Host } from './host.ts';
import { runProgram } from './program.ts';

const { env: environment, stdin, stdout, stderr, argv } = process;
const clock = { now: Date.now, random: Math.random };
let interrupt: AbortController | undefined;

// `… | head` has had what it wanted; a full disk has not
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));

const host: Host = { environment, stdin, stdout, stderr, clock, interrupted };
const exitCode = await runProgram(argv.slice(2), host);
// connections that are kept alive, or are still being made, would hold the process for seconds;
// what could not be written is an event of its own, which comes before
stdout.write('', () => setImmediate(() => process.exit(exitCode)));

function interrupted(): AbortSignal {
  if (interrupt) return interrupt.signal;
  const controller = new AbortController();
  interrupt = controller;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(code);
    });
  }
  return controller.signal;
}
