import type { EventIndex } from '../../aws/events/event-rows.ts';
import type { FunctionInspector } from '../../aws/lambda/function-inspector.ts';
import { isDenied } from '../../aws/request/aws-codes.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import type { DueFacts } from '../../core/runs/due.ts';
import { type ExecutionLook, withExecutions } from '../../core/runs/executions.ts';
import type { RunStore } from '../../core/runs/ports.ts';
import { isRunOver } from '../../core/runs/run.ts';
import { MOST_RUNS } from './look-at-runs.ts';

/** Where the facts come from. */
export interface DueFactsParts {
  readonly functions: Pick<FunctionInspector, 'configuration' | 'reservedConcurrency'>;
  readonly index: Pick<EventIndex, 'rows'>;
  readonly runs: Pick<RunStore, 'openIds' | 'readAll'>;
  readonly executionOf: ExecutionLook;
  /** Takes a whole line without its end. */
  write(line: string): void;
}

/** Facts of one look: the list of runs is asked for once. Faults of AWS's are passed on. */
export function createDueFacts({ functions, index, runs, executionOf, write }: DueFactsParts): DueFacts {
  let underWay: Promise<ReadonlySet<string>> | undefined;

  return {
    async settings(functionName) {
      const found = await functions.configuration(functionName).catch(whereDenied);
      if (!found) return leftToSomebody(functionName, 'there is no such function');
      if (found === 'denied') return leftToSomebody(functionName, 'its settings may not be read');
      const { environment } = found;
      const ttl = SETTINGS.ttlSeconds.parse(environment[SETTINGS.ttlSeconds.name] ?? SETTINGS.ttlSeconds.default);
      const policy = SETTINGS.policy.parse(environment[SETTINGS.policy.name] ?? SETTINGS.policy.default);
      if (ttl.kind === 'fault' || policy.kind === 'fault') {
        return leftToSomebody(functionName, 'it does not start with its settings');
      }
      const { replay } = policy.value;
      return { ttlSeconds: ttl.value, ...(replay !== undefined && { replay }) };
    },
    async hasPending(functionName, span) {
      for await (const _ of index.rows({ functionName, statuses: ['pending'], ...span, pageRows: 1 })) return true;
      return false;
    },
    isShut: async (functionName) => (await functions.reservedConcurrency(functionName)) === 0,
    async isUnderWay(functionName) {
      underWay ??= functionsUnderWay();
      return (await underWay).has(functionName);
    },
  };

  /** Once for each maintenance: then that is settled. */
  function leftToSomebody(functionName: string, why: string): Awaited<ReturnType<DueFacts['settings']>> {
    write(`what waits for ${functionName} is left to somebody: ${why}`);
    return { ttlSeconds: 0, replay: 'manual' };
  }

  async function functionsUnderWay(): Promise<ReadonlySet<string>> {
    const { runs: open } = await runs.readAll(await runs.openIds({ limit: MOST_RUNS }));
    const asked = await withExecutions(open, executionOf);
    return new Set(asked.filter(({ status }) => !isRunOver(status)).flatMap(({ selection }) => selection.functions));
  }
}

/** Of another app: neither the monitor nor the drain may do anything about it. */
function whereDenied(error: unknown): 'denied' {
  if (error instanceof Error && isDenied(error.name)) return 'denied';
  throw error;
}
