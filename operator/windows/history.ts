import type { ParameterStore, ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type Difference, differenceOf } from '../../core/windows/difference.ts';
import { NO_WINDOWS, parseWindows } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';

/** Who changed what, and when. */
export interface History {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** Newest first. */
  readonly changes: readonly Change[];
  /** One for each parameter whose history could not be read. */
  readonly faults: readonly MaintenanceWindowError[];
}

/** A version of a parameter, and what it says that the one before did not. */
export interface Change {
  readonly parameter: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** ARN of whoever wrote it. */
  readonly by?: string;
  /** Whether SSM has no version before it any more: the difference is all that it says. */
  readonly isFirst: boolean;
  readonly difference: Difference;
  /** Why no function can read it; absent where each can. */
  readonly malformed?: string;
  readonly text: string;
}

/** A version, and the one before it as far as SSM still has it. */
interface Step {
  readonly parameter: string;
  readonly version: ParameterVersion;
  readonly before?: ParameterVersion;
}

/**
 * Reads the last changes of all named parameters.
 *
 * @param count how many at most
 * @throws MaintenanceWindowError where no parameter's history could be read
 */
export async function readHistory(operator: Operator, count: number): Promise<History> {
  const store = await operator.parameters();
  const { steps, faults } = await readSteps(store, operator.settings.parameters);
  const now = (await operator.clock()).now();
  const newest = steps
    .sort((a, b) => b.version.modifiedAt - a.version.modifiedAt || b.version.version - a.version.version)
    .slice(0, count);
  return { now, changes: newest.map(changeOf), faults };
}

/** The versions of all parameters, as far as they can be read. Rejects where those of none can. */
async function readSteps(store: ParameterStore, parameters: readonly string[]) {
  const outcomes = await Promise.allSettled(
    parameters.map(async (parameter) => stepsOf(parameter, await store.history(parameter))),
  );
  const histories = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const reasons: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const faults = reasons.filter((reason) => reason instanceof MaintenanceWindowError);
  if (histories.length === 0 || faults.length < reasons.length) throw reasons[0];
  return { steps: histories.flat(), faults };
}

function stepsOf(parameter: string, versions: readonly ParameterVersion[]): readonly Step[] {
  return versions.map((version, index) => {
    const before = versions[index - 1];
    return { parameter, version, ...(before && { before }) };
  });
}

function changeOf({ parameter, version: { version, modifiedAt, modifiedBy, text }, before }: Step): Change {
  const parsed = parseWindows(text);
  return {
    parameter,
    version,
    at: modifiedAt,
    ...(modifiedBy !== undefined && { by: modifiedBy }),
    isFirst: before === undefined,
    difference: differenceOf(before?.text ?? NO_WINDOWS, text),
    ...(parsed.kind === 'fault' && { malformed: parsed.message }),
    text,
  };
}
