import { type ExecutionLook, withExecutions } from '../../core/runs/executions.ts';
import type { ReplayRun } from '../../core/runs/run.ts';
import type { Operator } from '../access/operator.ts';
import { missingAction } from '../access/remedy.ts';

/** These replays, with what Step Functions says of the executions of those of which nobody has heard: it is asked for no other. */
export async function withTheirExecutions(
  operator: Operator,
  runs: readonly ReplayRun[],
): Promise<readonly ReplayRun[]> {
  return withExecutions(runs, lookOf(operator));
}

/** Asks Step Functions. A permission that is missing is named. */
export function lookOf(operator: Operator): ExecutionLook {
  return async (execution) => {
    const { createExecutions } = await import('../../aws/drain/executions.ts');
    const executions = createExecutions(operator.clientSettings, machineOf(execution));
    const asked = {
      service: 'Step Functions',
      action: 'states:DescribeExecution',
      what: `the execution ${execution}`,
    } as const;
    try {
      return await operator.asking(asked, () => executions.look(execution));
    } catch (fault) {
      const action = missingAction(fault);
      throw action === undefined ? fault : new Error(`${action} is not allowed`, { cause: fault });
    } finally {
      executions.close();
    }
  };
}

/** `arn:aws:states:eu-south-1:123456789012:execution:drain:replay-3f2a91c0` is an execution of `…:stateMachine:drain`. */
export function machineOf(execution: string): string {
  return execution.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
}

/** One of them. */
export async function withItsExecution(operator: Operator, run: ReplayRun): Promise<ReplayRun> {
  const [asked = run] = await withTheirExecutions(operator, [run]);
  return asked;
}
