import { Duration, Lazy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { MONITOR_SETTINGS, type MonitorTask } from '../cloud/monitor/task.ts';
import { MEASURE_INTERVAL_SECONDS } from '../core/deployment/alarms.ts';
import { MONITOR_ACTIONS } from '../core/deployment/permissions.ts';
import { SETTINGS } from '../core/gate/config.ts';
import { ttlSecondsOf } from './parts/environment.ts';
import { type Grounds, statementsOn } from './parts/permissions.ts';
import { markAsMonitor } from './parts/protected-function.ts';
import { type UnattendedFunctionProps, unattendedFunction } from './parts/unattended-function.ts';

const DEFAULT_TTL = Number(SETTINGS.ttlSeconds.default);
const MEASURE_INTERVAL = Duration.minutes(MEASURE_INTERVAL_SECONDS / 60);
const SWEEP_INTERVAL = Duration.days(1);
/** The shortest that EventBridge has. */
const WATCH_INTERVAL = Duration.minutes(1);

/** What can be chosen about the monitor. */
export interface MonitorProps extends UnattendedFunctionProps {
  /**
   * The longest `ttl` of functions that another app protects by the same windows: only after it does the monitor say that a
   * window is quiet. Of those that are protected here it knows theirs. Default: the runtime's.
   */
  readonly longestTtl?: Duration;
}

/**
 * A scheduled function that measures what no invocation can tell, says on the event bus what becomes of windows and backlogs,
 * and sweeps orphaned parts.
 */
export class Monitor extends Construct {
  readonly function: lambda.Function;

  /**
   * @param props `oldestPendingAge`: from this age on a backlog is told of; `protectedHere`: functions, as they are known when
   * the template is made
   */
  constructor(
    scope: Construct,
    id: string,
    grounds: Grounds,
    props: MonitorProps & {
      readonly oldestPendingAge?: Duration;
      readonly protectedHere: () => readonly lambda.Function[];
    },
  ) {
    super(scope, id);
    const made = unattendedFunction(this, grounds, props, {
      bundle: 'monitor',
      description: 'Measures deferred events and maintenance windows; sweeps orphaned parts.',
      timeout: MEASURE_INTERVAL,
      memorySize: 256,
    });
    this.function = made.fn;
    for (const statement of statementsOn(grounds, MONITOR_ACTIONS)) made.role.addToPrincipalPolicy(statement);
    if (props.oldestPendingAge) {
      const age = String(props.oldestPendingAge.toSeconds());
      this.function.addEnvironment(MONITOR_SETTINGS.oldPendingSeconds, age);
    }
    const { longestTtl, protectedHere } = props;
    this.function.addEnvironment(
      MONITOR_SETTINGS.longestTtlSeconds,
      Lazy.string({
        produce: () =>
          String(Math.max(longestTtl?.toSeconds() ?? 0, DEFAULT_TTL, ...protectedHere().map(ttlSecondsOf))),
      }),
    );
    markAsMonitor(this.function);
    this.#schedule('Measure', MEASURE_INTERVAL, { task: 'measure' });
    this.#schedule('Sweep', SWEEP_INTERVAL, { task: 'sweep' });
    this.#schedule('Watch', WATCH_INTERVAL, { task: 'watch' });
  }

  #schedule(id: string, interval: Duration, task: MonitorTask): void {
    new events.Rule(this, id, {
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(this.function, { event: events.RuleTargetInput.fromObject(task) })],
    });
  }
}
