import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { readConfig, SETTINGS } from '../gate/config.ts';
import { MaintenanceWindowError } from '../gate/errors.ts';
import type { Policy } from '../gate/policy.ts';
import { type AlarmsProps, alarmOnFunction, alarmOnMonitor } from './alarms.ts';
import { createDashboard } from './dashboard.ts';
import { environmentOf } from './environment.ts';
import { createEventsTable, type EventsTableProps } from './events-table.ts';
import { refuse } from './fault.ts';
import { type ClientMetric, clientMetric, monitorMetric } from './metrics.ts';
import type { MonitorMetric } from './monitor/metrics.ts';
import { Monitor } from './monitor.ts';
import { allow, allowOnFunction, CLIENT_ACTIONS, OPERATOR_ACTIONS } from './permissions.ts';
import { warnOf } from './warnings.ts';
import { createWindowParameters, type WindowParameter, type WindowParametersProps } from './window-parameters.ts';

/** What can be chosen. Nothing has to be. */
export interface MaintenanceWindowProps extends WindowParametersProps, EventsTableProps {
  /** A scheduled function that measures pending events and active windows, and sweeps orphaned parts. Default: none. */
  readonly monitor?: boolean;
  /** Alarms on every protected function and, with a monitor, on pending events and long windows. Default: none. */
  readonly alarms?: AlarmsProps;
  /** A dashboard. Default: none. */
  readonly dashboard?: boolean;
}

/** How one function behaves. What is not set has the runtime's default. */
export interface ProtectOptions {
  /** How long a reading of the parameters is kept, so how long an edit may take to be seen: 1 s to 1 h. */
  readonly ttl?: Duration;
  /** What to do while no parameter could ever be read. */
  readonly onError?: 'dispatch' | 'defer';
  /** What to do with each event source, over the policies of the parameters. */
  readonly policy?: Policy;
}

/**
 * Maintenance windows, and where events go that arrive inside one.
 *
 * ```ts
 * const maintenance = new MaintenanceWindow(this, 'Maintenance');
 * maintenance.protect(fn);            // an image function whose image holds the client
 * maintenance.grantOperate(onCall);   // whoever begins windows and replays
 * ```
 */
export class MaintenanceWindow extends Construct {
  /** In the order in which functions read them. */
  readonly parameters: readonly WindowParameter[];
  /** The first one: where the operator's tool begins windows. */
  readonly parameter: WindowParameter;
  readonly table: dynamodb.Table;
  /** The monitor's function. Absent without `monitor`. */
  readonly monitor?: lambda.Function;
  readonly dashboard?: cloudwatch.Dashboard;

  readonly #alarms: AlarmsProps | undefined;
  readonly #protected: lambda.Function[] = [];
  readonly #operators: iam.IGrantable[] = [];

  /** @throws MaintenanceWindowError `MaintenanceWindow.Config` for a prop that is not allowed: the place, the value, the remedy */
  constructor(scope: Construct, id: string, props: MaintenanceWindowProps = {}) {
    super(scope, id);
    const { monitor = false, alarms, dashboard = false } = props;
    this.parameters = [this.parameter] = createWindowParameters(this, props);
    this.table = createEventsTable(this, 'Events', props);
    if (monitor) this.monitor = new Monitor(this, 'Monitor', this).function;
    this.#alarms = alarms;
    if (alarms && this.monitor) alarmOnMonitor(this, this.monitor, this.table.tableName, alarms);
    if (alarms && !monitor && (alarms.oldestPendingAge ?? alarms.windowActiveAge)) {
      refuse(
        this,
        'alarms: oldestPendingAge and windowActiveAge rest on the monitor; set monitor: true, or leave them out',
      );
    }
    if (dashboard) this.dashboard = createDashboard(this, 'Dashboard', monitor ? this.table.tableName : undefined);
  }

  /**
   * Puts a function under the windows: its environment, and the permissions that the client needs. Warns at synth where
   * events could be lost. The client itself has to be in the function's image.
   *
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` for a zip function, one that is protected already, and bad options
   */
  protect(fn: lambda.Function, options: ProtectOptions = {}): void {
    refuseWithoutClient(fn);
    if (PROTECTED.has(fn)) refuse(fn, 'is protected already; protect it once, by one MaintenanceWindow');
    PROTECTED.add(fn);
    const settings = settingsOf(fn, options);
    for (const [name, value] of Object.entries({ ...environmentOf(this), ...settings })) fn.addEnvironment(name, value);
    allow(fn, CLIENT_ACTIONS, this);
    for (const operator of this.#operators) allowOnFunction(operator, OPERATOR_ACTIONS, fn.functionArn);
    this.#protected.push(fn);
    if (this.#alarms) alarmOnFunction(fn, this.#alarms);
    warnOf(fn);
  }

  /**
   * Allows what the operator's tool calls: to read all windows and edit the operator's, to work on deferred events, and to
   * invoke every function that is protected, before this call or after it, with its versions and aliases.
   */
  grantOperate(grantee: iam.IGrantable): void {
    allow(grantee, OPERATOR_ACTIONS, this);
    for (const { functionArn } of this.#protected) allowOnFunction(grantee, OPERATOR_ACTIONS, functionArn);
    this.#operators.push(grantee);
  }

  /** Invocations of a function that were stored. Sum. */
  metricDeferred(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('Deferred', fn, options);
  }

  /** Invocations of a function that were turned away, and not stored. Sum. */
  metricRejected(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('Rejected', fn, options);
  }

  /** Invocations of a function that should have been stored and could not be. Sum. */
  metricDeferralFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('DeferralFailed', fn, options);
  }

  /** How long storing an event took, in milliseconds. p99. */
  metricDeferralLatency(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('DeferralLatency', fn, options);
  }

  /** A function's readings of the window parameters that failed. Sum. */
  metricWindowReadFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('WindowReadFailed', fn, options);
  }

  /** Events that are stored and not finished. Maximum. Needs the monitor. */
  metricPendingEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('PendingEvents', options);
  }

  /** Age of the oldest pending event in seconds, 0 where there is none. Maximum. Needs the monitor. */
  metricOldestPendingAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('OldestPendingAge', options);
  }

  /** 1 while a window is active, for whichever functions; else 0. Maximum. Needs the monitor. */
  metricWindowActive(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('WindowActive', options);
  }

  /** For how many seconds a window has been active, 0 while none is. Maximum. Needs the monitor. */
  metricWindowActiveAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('WindowActiveAge', options);
  }

  #clientMetric(name: ClientMetric, { functionName }: lambda.IFunction, options?: cloudwatch.MetricOptions) {
    return clientMetric(name, functionName, options);
  }

  #monitorMetric(name: MonitorMetric, options?: cloudwatch.MetricOptions) {
    if (!this.monitor) refuse(this, `the metric ${name} comes from the monitor; set monitor: true`);
    return monitorMetric(name, this.table.tableName, options);
  }
}

/** A function has one environment, so one MaintenanceWindow. */
const PROTECTED = new WeakSet<lambda.Function>();

/** An image cannot be looked into; a zip function on a managed runtime runs AWS's own client for certain. */
function refuseWithoutClient(fn: lambda.Function): void {
  if (fn.runtime === lambda.Runtime.FROM_IMAGE) return;
  refuse(
    fn,
    `runs the client of ${fn.runtime.name}, which knows no maintenance windows; protect takes functions from an image ` +
      'that holds this client (see docs/deploying.md)',
  );
}

/** The function's own settings, checked by the runtime's parser. */
function settingsOf(fn: lambda.Function, { ttl, onError, policy }: ProtectOptions): Record<string, string> {
  const settings = {
    ...(ttl && { [SETTINGS.ttlSeconds.name]: String(ttl.toSeconds()) }),
    ...(onError && { [SETTINGS.onError.name]: onError }),
    ...(policy && { [SETTINGS.policy.name]: JSON.stringify(policy) }),
  };
  try {
    readConfig(settings);
    return settings;
  } catch (error) {
    if (error instanceof MaintenanceWindowError) return refuse(fn, error.message);
    throw error;
  }
}
