import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import type { Policy } from '../../core/sources/policy.ts';
import { windowsToText } from '../../core/windows/window.ts';
import { parseWithReplay } from '../../core/windows/with-replay.ts';
import { refuse } from '../checks/fault.ts';

/** A window that comes once: `[start, end)`, ISO 8601 with an offset or `Z`. */
interface OneOffStackWindow extends NamedWindow {
  readonly start: string;
  readonly end: string;
}

/** A window that comes again. */
interface RecurringStackWindow extends NamedWindow {
  /** `cron(…)` with AWS's six fields, or `at(…)`. */
  readonly schedule: string;
  /** `PT2H30M` or `2h30m`: elapsed time. */
  readonly duration: string;
  /** An IANA name. Default: UTC. */
  readonly timezone?: string;
  /** An occurrence counts if it starts at this instant or later. */
  readonly from?: string;
  /** An occurrence counts if it starts before this instant. */
  readonly until?: string;
}

interface NamedWindow {
  /** Six to 32 hexadecimal digits. Default: derived from start or schedule, and functions. */
  readonly id?: string;
  /** Shown to operators and in logs. */
  readonly reason?: string;
  /** Globs over the function's name. Default: every function. */
  readonly functions?: readonly string[];
  /** What becomes of its backlog: `'manual'`, or how the drain replays it. Default: as the policy says. */
  readonly replay?: ReplayPolicy;
}

/** Window of the stack, in the words of the parameter's document form. */
export type StackWindow = OneOffStackWindow | RecurringStackWindow;

/**
 * The text of the stack's parameter, in the canonical form. The runtime's own parser checks it.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with the first fault: the window or the policy, the field, the remedy
 */
export function windowsText(scope: IConstruct, windows: readonly StackWindow[], policy: Policy): string {
  for (const [index, window] of windows.entries()) {
    // A function's generated name would also close a circle: the function needs the parameter, which needs the function.
    if (Token.isUnresolved(JSON.stringify(window))) {
      refuse(
        scope,
        `windows[${index}]: has a value that is known at deployment only; write it out, with * where it is not known`,
      );
    }
  }
  if (Token.isUnresolved(JSON.stringify(policy))) {
    refuse(scope, 'policy: has a value that is known at deployment only; write it out');
  }
  const parsed = parseWithReplay(JSON.stringify({ version: 1, windows, policy }));
  if (parsed.kind === 'fault') refuse(scope, parsed.message);
  return windowsToText(parsed.document);
}
