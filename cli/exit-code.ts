import { FAULTS } from '../gate/errors.ts';

/** The command did what was asked. */
export const DONE = 0;
/** The command ran, and not all that was asked is done: the answer to its question was no, or a window is still active. */
export const NOT_ALL_DONE = 1;
/** A replay ended before its end: too much failed, or Lambda would not run a function. */
export const STOPPED = 3;

/** Faults of building and of the local runner: no command here ends with one. */
const OF_BUILDING = ['MaintenanceWindow.PatchAnchor', 'MaintenanceWindow.Missing'];

/** Every code that a command ends with by itself, and what it means. `docs/cli.md` has this table. */
export const EXIT_CODES: ReadonlyMap<number, string> = new Map([
  [DONE, 'Done.'],
  [NOT_ALL_DONE, 'Not all is done: the answer to a question was no, a window is still active, or some events failed.'],
  [STOPPED, 'A replay stopped before its end: too many events failed, or Lambda would not run a function.'],
  ...byExitCode(),
  [130, 'Ctrl-C. A replay finished what was under way and gave the rest back.'],
  [143, 'SIGTERM, likewise.'],
]);

function byExitCode(): readonly (readonly [number, string])[] {
  const meanings = new Map<number, string>();
  for (const [code, { exitCode, when }] of Object.entries(FAULTS)) {
    if (exitCode === 0 || OF_BUILDING.includes(code)) continue;
    meanings.set(exitCode, [meanings.get(exitCode) ?? '', when].join(' ').trim());
  }
  return [...meanings].sort(([a], [b]) => a - b);
}
