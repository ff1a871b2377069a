import type { ParameterStore } from '../../aws/windows/parameter-store.ts';
import { readWindowParameter } from '../../aws/windows/window-parameter.ts';
import { LOOKED_BACK_MS, type PlacedDocument, type WindowTime, windowTimes } from '../../core/calendar/ended.ts';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import { mergePolicies } from '../../core/sources/policy.ts';
import { faultOfReplay } from '../../core/windows/with-replay.ts';

/** What the window parameters say of the last day. */
export interface WatchedWindows {
  readonly times: readonly WindowTime[];
  /** When each parameter that could be read was written: epoch milliseconds. */
  readonly editedAt: ReadonlyMap<string, number>;
  /** What the policy of all parameters says of backlogs. */
  readonly replay?: ReplayPolicy;
  /** One message for each parameter that could not be read or is malformed, or says of backlogs what cannot be read. */
  readonly faults: readonly string[];
  /** Whether every parameter could be read: what one of them says of a function, another may undo. */
  readonly isComplete: boolean;
}

/** A parameter that does not exist was never written. */
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Reads the window parameters, each by itself, and the times of their windows from a day ago on.
 *
 * @param names one to ten
 * @param now epoch milliseconds
 */
export async function watchWindows(
  store: Pick<ParameterStore, 'read'>,
  names: readonly string[],
  now: number,
): Promise<WatchedWindows> {
  const documents: PlacedDocument[] = [];
  const editedAt = new Map<string, number>();
  const faults: string[] = [];
  const readings = await Promise.allSettled(names.map((name) => readWindowParameter(store, name)));
  for (const [index, reading] of readings.entries()) {
    const parameter = names[index] ?? '';
    if (reading.status === 'rejected') {
      faults.push(`${parameter}: ${reading.reason}`);
      continue;
    }
    const { value } = reading;
    switch (value.kind) {
      case 'absent':
        editedAt.set(parameter, NEVER);
        break;
      case 'malformed':
        faults.push(`${parameter}: ${value.message}`);
        break;
      case 'windows': {
        const fault = faultOfReplay(value.document);
        if (fault !== undefined) faults.push(`${parameter}: ${fault}`);
        editedAt.set(parameter, value.modifiedAt);
        documents.push({ parameter, document: value.document });
      }
    }
  }
  const { replay } = mergePolicies(documents.map(({ document }) => document.policy));
  return {
    times: await windowTimes(documents, now - LOOKED_BACK_MS, now),
    editedAt,
    ...(replay !== undefined && { replay }),
    faults,
    isComplete: editedAt.size === names.length,
  };
}
