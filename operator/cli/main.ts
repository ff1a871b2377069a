#!/usr/bin/env node
/** `maintenance-window`: windows, and the replay of what was stored inside them. See `maintenance-window --help`. */
import { homedir } from 'node:os';
import { FAULTS } from '../../core/errors.ts';
import { missingAction } from '../access/remedy.ts';
import { DONE, OUTPUT_FULL, OUTPUT_GONE } from './exit-code.ts';
import type { Host } from './host.ts';
import { whyTooOld } from './node-version.ts';

// npm warns of an older Node and goes on, and what such a one then lacks it names in a stack trace
const tooOld = whyTooOld(process.versions.node);
if (tooOld !== undefined) {
  process.stderr.write(`maintenance-window: ${tooOld}\n`);
  process.exit(FAULTS['MaintenanceWindow.Config'].exitCode);
}
const { runProgram, tellDefect } = await import('./program.ts');

const { env: environment, stdin, stdout, stderr, argv } = process;
const clock = { now: Date.now, random: Math.random };
environment['HOME'] ||= anyHome();
let interrupt: AbortController | undefined;
let isChanging = false;
/** Exit code if the output could not be written, although the command was done. */
let outputCode: number | undefined;

stdout.on('error', (fault: NodeJS.ErrnoException) => outputFailed(fault, stdout));
stderr.on('error', (fault: NodeJS.ErrnoException) => outputFailed(fault, stderr));
// Node would end with 1, which says that the answer was no
process.on('uncaughtException', (fault) => process.exit(tellDefect(fault, { stderr })));

// whoever has it run as a process of its own and talks with it: the console
const recorded = (runId: string | undefined) =>
  process.send?.(runId === undefined ? { unrecorded: true } : { run: runId });
const failed = (fault: unknown) => process.send?.({ denied: missingAction(fault) });
const host: Host = { environment, stdin, stdout, stderr, clock, interrupted, changing, recorded, failed, useProfile };
const exitCode = await runProgram(argv.slice(2), host);
// connections that are kept alive, or are still being made, would hold the process for seconds;
// what could not be written is an event of its own, which comes before
stdout.write('', () => setImmediate(() => process.exit(outputCode ?? exitCode)));

function interrupted({ isChange } = { isChange: true }): AbortSignal {
  isChanging ||= isChange;
  if (interrupt) return interrupt.signal;
  const controller = new AbortController();
  interrupt = controller;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(code);
    });
  }
  // whoever has it run as a process of its own is gone, and no signal came through
  process.once('disconnect', () => controller.abort(129));
  if (process.send && !process.connected) controller.abort(129);
  return controller.signal;
}

function changing(): void {
  isChanging = true;
}

/** A client's own `profile` counts for its credentials and region alone: the SDK looks for endpoints in that of `AWS_PROFILE`. */
function useProfile(name: string): void {
  environment['AWS_PROFILE'] = name;
}

/**
 * Home directory for a user without one, as in a container with a user of any number: `/`, as Docker has it. Without it
 * the SDK ends the process.
 */
function anyHome(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/**
 * `events list | head` has had what it wanted, and what it shows does not need stderr. But what changes things ends as on
 * Ctrl-C, as nobody hears of it any more; and a full disk is told where it still can be.
 */
function outputFailed({ code, message }: NodeJS.ErrnoException, stream: NodeJS.WriteStream): void {
  if (outputCode !== undefined || (!isChanging && stream === stderr)) return;
  const isGone = code === 'EPIPE' || code === 'EIO';
  if (isGone && !isChanging && !interrupt) process.exit(DONE);
  outputCode = isGone ? (isChanging ? OUTPUT_GONE : DONE) : OUTPUT_FULL;
  if (!isGone && stream === stdout) stderr.write(`maintenance-window: the output cannot be written (${message})\n`);
  if (!isChanging && !interrupt) process.exit(outputCode);
  if (interrupt && !interrupt.signal.aborted) interrupt.abort(outputCode);
}
