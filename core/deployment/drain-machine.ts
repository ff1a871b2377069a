/**
 * The state machine that drains a backlog, in the Amazon States Language with JSONPath. Each task is one invocation of the
 * drain's function (`cloud/drain/`): begin a run, a stretch of one of its shares, what is left of a share that fails, its end.
 *
 * A share has a child execution of its own (a distributed Map), so that none fills the history of another: that of one
 * execution takes 25,000 events. What a share takes in its own is bounded by {@link STRETCHES_AN_EXECUTION}, after which it
 * goes on in a new execution of the machine.
 */

/** Environment variable of the monitor: ARN of the machine. */
export const DRAIN_VARIABLE = 'DRAIN_STATE_MACHINE';
/**
 * What the machine's role may do, each on: the drain's function; the machine itself, as each share has an execution of its own;
 * those executions.
 * Source: Step Functions developer guide, "IAM policies for using Distributed Map states".
 */
export const MACHINE_ACTIONS = {
  function: ['lambda:InvokeFunction'],
  machine: ['states:StartExecution'],
  executions: ['states:DescribeExecution', 'states:StopExecution'],
} as const;
/** Whoever asks what became of an execution of the machine needs this on its executions. */
export const LOOK_ACTION = 'states:DescribeExecution';
/** Time-out of the drain's function: Lambda's longest. */
export const DRAIN_TIMEOUT_SECONDS = 900;
/** Memory of the drain's function: a stretch needs a third of it, and Lambda gives CPU by it. MB. */
export const DRAIN_MEMORY_MB = 512;
/**
 * A share goes on in another execution after so many stretches: each takes nine events of the history with its choice and its
 * wait, and three more for each second try.
 */
export const STRETCHES_AN_EXECUTION = 1_500;
/** Shares that are under way at once; more wait for one of them. Source: Step Functions developer guide, "Distributed Map". */
const MOST_CHILDREN = 1_000;

/** No run has more. */
const MOST_SHARES = 10_000;

/** Faults of Lambda's own: nothing ran, or nobody knows. Source: Step Functions developer guide, "Handling error conditions". */
const OF_LAMBDA = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 8,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
} as const;
/**
 * Nothing ran: the drain's function, or the account, has no room. After a window others catch up, too, and shares wait for each
 * other where they are more than there is room for. Two days of it, less and less often: each try takes three events of the
 * history, and a day of them at one a minute would take a sixth of it.
 */
const NO_ROOM = {
  ErrorEquals: ['Lambda.TooManyRequestsException'],
  IntervalSeconds: 1,
  MaxAttempts: 300,
  BackoffRate: 2,
  MaxDelaySeconds: 600,
} as const;
/** It was cut off, or failed: the next try finds in the table how far it came. */
const CUT_OFF = {
  ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
  IntervalSeconds: 2,
  MaxAttempts: 5,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
} as const;
const RETRY = [NO_ROOM, OF_LAMBDA, CUT_OFF];

/** What the machine needs to know of where it stands. */
export interface DrainMachineParts {
  /** ARN of the drain's function: a text, or a token of a template. */
  readonly functionArn: string;
}

/** Definition of the machine, as JSON. Its input is a `DrainInput` (`cloud/drain/task.ts`). */
export function drainMachine({ functionArn }: DrainMachineParts): object {
  const task = (payload: object, more: object) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn, Payload: payload },
    TimeoutSeconds: DRAIN_TIMEOUT_SECONDS + 60,
    Retry: RETRY,
    ...more,
  });
  return {
    Comment: 'Replays deferred events until none is left: see docs/deploying.md of maintenance-window.',
    StartAt: 'Begin',
    States: {
      Begin: task(
        {
          task: 'begin',
          'execution.$': '$$.Execution.Id',
          'startedAt.$': '$$.Execution.StartTime',
          'input.$': '$',
        },
        { ResultSelector: { 'run.$': '$.Payload.run', 'shares.$': '$.Payload.shares' }, Next: 'Drain' },
      ),
      Drain: {
        Type: 'Map',
        ItemsPath: '$.shares',
        ItemSelector: { 'run.$': '$.run', 'share.$': '$$.Map.Item.Value' },
        MaxConcurrency: MOST_CHILDREN,
        // All of them: a share that fails ends no other.
        ToleratedFailureCount: MOST_SHARES,
        Label: 'Shares',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Stretch',
          States: shareStates(task),
        },
        ResultPath: null,
        // What ended a child is told by its share; the run has to end all the same.
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'End' }],
        Next: 'End',
      },
      End: task({ task: 'end', 'run.$': '$.run' }, { ResultSelector: { 'run.$': '$.Payload.run' }, End: true }),
    },
  };
}

/** One share: stretch after stretch, until it is over. */
function shareStates(task: (payload: object, more: object) => object): object {
  const about = { 'run.$': '$.run', 'share.$': '$.share' };
  return {
    Stretch: task(
      { task: 'stretch', ...about },
      {
        ResultSelector: { 'state.$': '$.Payload.state', 'untilAt.$': '$.Payload.untilAt' },
        ResultPath: '$.last',
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.fault', Next: 'Failed' }],
        Next: 'Outcome',
      },
    ),
    Outcome: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.last.state', StringEquals: 'more', Next: 'Stretch' },
        { Variable: '$.last.state', StringEquals: 'held', Next: 'Hold' },
        { Variable: '$.last.state', StringEquals: 'onward', Next: 'Onward' },
      ],
      Default: 'Over',
    },
    Hold: { Type: 'Wait', TimestampPath: '$.last.untilAt', Next: 'Stretch' },
    Onward: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: {
        'StateMachineArn.$': '$$.StateMachine.Id',
        Input: { 'run.$': '$.run', 'shares.$': 'States.Array($.share)' },
      },
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 8, BackoffRate: 2, MaxDelaySeconds: 60 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.fault', Next: 'Failed' }],
      Next: 'Over',
    },
    Failed: task(
      { task: 'failed', ...about, 'fault.$': '$.fault' },
      { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Over' }], ResultPath: null, Next: 'Over' },
    ),
    Over: { Type: 'Succeed' },
  };
}
