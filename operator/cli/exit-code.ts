import { FAULTS } from '../../core/errors.ts';

/** The command did what was asked. */
export const DONE = 0;
/** The command ran, and not all that was asked is done: the answer to its question was no, or a window is still active. */
export const NOT_ALL_DONE = 1;
/** A replay ended before its end: too much failed, in its canary anything, or Lambda would not run a function. */
export const STOPPED = 3;
/** The doctor found something that does not work. */
export const PROBLEM = 4;

/** `status --exit-code`: under maintenance, and quiet. */
export const QUIET = 10;
/** `status --exit-code`: under maintenance, and not quiet yet. */
export const NOT_QUIET = 11;
/** `status --exit-code`: not under maintenance, and events wait. */
export const EVENTS_WAIT = 12;

/** The output cannot be written: `EX_IOERR` of sysexits.h. */
export const OUTPUT_FULL = 74;
/** Reader of the output is gone while the command changes things: as a shell reports SIGPIPE. */
export const OUTPUT_GONE = 141;

/** Faults of building and of the local runner: no command here ends with one. */
const OF_BUILDING = ['MaintenanceWindow.PatchAnchor', 'MaintenanceWindow.Missing'];

const FULL = [OUTPUT_FULL, 'The output cannot be written: the disk is full.'] as const;

/** Every code that a command ends with by itself, and what it means. `docs/cli.md` has this table. */
export const EXIT_CODES: ReadonlyMap<number, string> = new Map([
  [DONE, 'Done.'],
  [
    NOT_ALL_DONE,
    'Not all is done: the answer to a question was no, a window is still active, some events failed, it did not become quiet, or the doctor could not look at something.',
  ],
  [
    STOPPED,
    'A replay stopped before its end: too many events failed, not all of a canary succeeded, Lambda would not run a function, or somebody cancelled it.',
  ],
  [PROBLEM, 'The doctor found a problem: something does not work, or would not inside a window.'],
  [QUIET, '`status --exit-code`: under maintenance, and quiet.'],
  [NOT_QUIET, '`status --exit-code`: under maintenance, and not quiet yet.'],
  [EVENTS_WAIT, '`status --exit-code`: not under maintenance, and events wait.'],
  ...[...byExitCode(), FULL].sort(([a], [b]) => a - b),
  [129, 'The terminal is gone (SIGHUP): as Ctrl-C.'],
  [130, 'Ctrl-C. A replay finished what was under way and gave the rest back.'],
  [
    OUTPUT_GONE,
    'What read the output of a command that changes things is gone (`replay | head`): as Ctrl-C. What only shows ends with 0.',
  ],
  [143, 'SIGTERM: as Ctrl-C.'],
]);

function byExitCode(): readonly (readonly [number, string])[] {
  const meanings = new Map<number, string>();
  for (const [code, { exitCode, when }] of Object.entries(FAULTS)) {
    if (exitCode === 0 || OF_BUILDING.includes(code)) continue;
    meanings.set(exitCode, [meanings.get(exitCode) ?? '', when].join(' ').trim());
  }
  return [...meanings];
}
