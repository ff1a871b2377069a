import type { EventIndex } from '../../aws/events/event-rows.ts';
import type { FunctionInspector } from '../../aws/lambda/function-inspector.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import type { DueFacts } from '../../core/runs/due.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { isRunOver } from '../../core/runs/run.ts';

/** Runs that are looked at, newest first: one that is older and still under way is no obstacle to an execution of its own. */
const LATEST_RUNS = 100;

/** Where the facts come from. */
export interface DueFactsParts {
  readonly functions: Pick<FunctionInspector, 'configuration' | 'reservedConcurrency'>;
  readonly index: Pick<EventIndex, 'rows'>;
  readonly runs: Pick<RunStore, 'list'>;
}

/** Facts of one look: the list of runs is asked for once. Faults of AWS's are passed on. */
export function createDueFacts({ functions, index, runs }: DueFactsParts): DueFacts {
  let underWay: Promise<ReadonlySet<string>> | undefined;

  return {
    async settings(functionName) {
      const found = await functions.configuration(functionName);
      // It is gone: nobody can be sent what waits, and somebody may have another place for it.
      if (!found) return { ttlSeconds: Number(SETTINGS.ttlSeconds.default), replay: 'manual' };
      const { environment } = found;
      const ttl = SETTINGS.ttlSeconds.parse(environment[SETTINGS.ttlSeconds.name] ?? SETTINGS.ttlSeconds.default);
      const policy = SETTINGS.policy.parse(environment[SETTINGS.policy.name] ?? SETTINGS.policy.default);
      // With a setting that is refused it does not start.
      if (ttl.kind === 'fault' || policy.kind === 'fault') return { ttlSeconds: 0, replay: 'manual' };
      const { replay } = policy.value;
      return { ttlSeconds: ttl.value, ...(replay !== undefined && { replay }) };
    },
    async hasPending(functionName) {
      for await (const _ of index.rows({ functionName, statuses: ['pending'], pageRows: 1 })) return true;
      return false;
    },
    isShut: async (functionName) => (await functions.reservedConcurrency(functionName)) === 0,
    async isUnderWay(functionName) {
      underWay ??= functionsUnderWay();
      return (await underWay).has(functionName);
    },
  };

  async function functionsUnderWay(): Promise<ReadonlySet<string>> {
    const { runs: latest } = await runs.list({ limit: LATEST_RUNS });
    return new Set(latest.filter(({ status }) => !isRunOver(status)).flatMap(({ selection }) => selection.functions));
  }
}
