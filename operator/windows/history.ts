import type { ParameterStore, ParameterVersion } from '../../aws/windows/parameter-store.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { NO_POLICY } from '../../core/sources/policy.ts';
import { type Difference, differenceOf } from '../../core/windows/difference.ts';
import { NO_WINDOWS, parseWindows, type WindowDocument } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
import { changesBetween, type WindowChange } from './changes.ts';
import { reasonIn } from './edit-reason.ts';

/** Who changed what, and when. */
export interface History {
  /** When it was looked: epoch milliseconds, by AWS's clock. */
  readonly now: number;
  /** Newest first. */
  readonly changes: readonly Change[];
  /** How many versions are there that are older than these. */
  readonly older: number;
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
  /** Why, where whoever wrote it said so. */
  readonly reason?: string;
  /** What it changed, window by window. */
  readonly changes: readonly WindowChange[];
  /** Whether SSM has no version before it any more: the difference is all that it says. */
  readonly isFirst: boolean;
  readonly difference: Difference;
  /** Why no function can read it; absent where each can. */
  readonly malformed?: string;
  readonly text: string;
}

const EMPTY: WindowDocument = { form: 'document', windows: [], policy: NO_POLICY };

/**
 * Reads the last changes of all named parameters.
 *
 * @param count how many at most
 * @throws MaintenanceWindowError where no parameter's history could be read
 */
export async function readHistory(operator: Operator, count: number): Promise<History> {
  const store = await operator.parameters();
  const { changes, faults } = await readAll(store, operator.settings.parameters);
  const now = (await operator.clock()).now();
  const newest = changes.toSorted((a, b) => b.at - a.at || b.version - a.version).slice(0, count);
  return { now, changes: newest, older: changes.length - newest.length, faults };
}

/** The changes of all parameters, as far as they can be read. Rejects where those of none can. */
async function readAll(store: ParameterStore, parameters: readonly string[]) {
  const outcomes = await Promise.allSettled(
    parameters.map(async (parameter) => readChanges(parameter, await store.history(parameter))),
  );
  const histories = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const reasons: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const faults = reasons.filter((reason) => reason instanceof MaintenanceWindowError);
  if (histories.length === 0 || faults.length < reasons.length) throw reasons[0];
  return { changes: histories.flat(), faults };
}

/**
 * What each version of a parameter changed, oldest first. A version that no function can read is compared by its lines; what
 * comes behind it, with the last one that functions could read.
 */
export async function readChanges(
  parameter: string,
  versions: readonly ParameterVersion[],
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  let good: WindowDocument | undefined;
  for (const [index, { version, modifiedAt, modifiedBy, text, attributes }] of versions.entries()) {
    const before = versions[index - 1];
    const parsed = parseWindows(text);
    const reason = reasonIn(attributes.Description);
    changes.push({
      parameter,
      version,
      at: modifiedAt,
      ...(modifiedBy !== undefined && { by: modifiedBy }),
      ...(reason !== undefined && { reason }),
      changes:
        parsed.kind === 'fault'
          ? [{ kind: 'malformed', message: parsed.message }]
          : before || version === 1
            ? await changesOf(before && (good ?? EMPTY), parsed.document, modifiedAt)
            : [{ kind: 'unknown' }],
      isFirst: before === undefined,
      difference: differenceOf(before?.text ?? NO_WINDOWS, text),
      ...(parsed.kind === 'fault' && { malformed: parsed.message }),
      text,
    });
    if (parsed.kind === 'windows') good = parsed.document;
  }
  return changes;
}

/** @param before absent: the parameter was made by it */
async function changesOf(
  before: WindowDocument | undefined,
  after: WindowDocument,
  at: number,
): Promise<readonly WindowChange[]> {
  const changes = await changesBetween(before ?? EMPTY, after, at);
  if (changes.length > 0) return changes;
  return [{ kind: before ? 'rewritten' : 'created' }];
}
