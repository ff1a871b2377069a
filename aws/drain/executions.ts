import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';

/** Executions of the drain's state machine. Faults are the SDK's own. */
export interface Executions {
  /**
   * Starts one, once for each name: a name is taken for 90 days after its execution closed. Needs `states:StartExecution`.
   *
   * @param name up to 80 letters, digits, `-` and `_`
   * @param input JSON; that of a name that is taken is not compared
   */
  start(name: string, input: object): Promise<'started' | 'already'>;
  /**
   * How one is, whichever machine it is of: `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, `PENDING_REDRIVE`.
   * Undefined where there is none: 90 days after it closed it is gone. Needs `states:DescribeExecution`.
   */
  look(executionArn: string): Promise<string | undefined>;
  close(): void;
}

/**
 * @param config region, credentials, endpoint
 * @param stateMachineArn of a standard workflow: an express one knows no names
 */
export function createExecutions(config: SFNClientConfig, stateMachineArn: string): Executions {
  const client = new SFNClient(config);
  return { start, look, close: () => client.destroy() };

  async function look(executionArn: string): Promise<string | undefined> {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status;
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  async function start(name: string, input: object): Promise<'started' | 'already'> {
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      return 'started';
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'already';
      throw error;
    }
  }
}
