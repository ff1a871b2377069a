import { type Duration, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SETTINGS } from '../core/gate/config.ts';
import type { ClientMetric, MonitorMetric } from '../core/metrics.ts';
import type { Policy } from '../core/sources/policy.ts';
import { refuse } from './checks/fault.ts';
import { warnOf } from './checks/warnings.ts';
import { Monitor, type MonitorProps } from './monitor.ts';
import { allowClient } from './parts/client-policy.ts';
import { environmentOf, refuseBadSettings } from './parts/environment.ts';
import { type EventsTableProps, eventsTable } from './parts/events-table.ts';
import { createGrants, type Grants, refuseOtherEnvironment } from './parts/grants.ts';
import {
  type AllowedActions,
  type Grounds,
  OPERATOR_ACTIONS,
  READ_ACTIONS,
  REPLAY_ACTIONS,
  statementsOn,
  statementsOnFunction,
  WINDOW_ACTIONS,
} from './parts/permissions.ts';
import { markAsProtected, refuseWhatCannotBeProtected, wayTo } from './parts/protected-function.ts';
import { createWindowParameters, type WindowParameter, type WindowParametersProps } from './parts/window-parameters.ts';
import { type AlarmsProps, alarmOnFunction, alarmOnMonitor } from './watching/alarms.ts';
import { createDashboard } from './watching/dashboard.ts';
import { clientMetric, monitorMetric } from './watching/metrics.ts';

/** What can be chosen. Nothing has to be. */
export interface MaintenanceWindowProps extends WindowParametersProps, EventsTableProps {
  /**
   * Scheduled function that measures pending events and active windows, and sweeps orphaned parts: `true`, or its
   * properties. Default: none.
   */
  readonly monitor?: boolean | MonitorProps;
  /** Alarms on every protected function and, with a monitor, on pending events and long windows. Default: none. */
  readonly alarms?: AlarmsProps;
  /** A dashboard. Default: none. */
  readonly dashboard?: boolean;
}

/** How one function behaves. What is not set has the runtime's default. */
export interface ProtectOptions {
  /** Time for which a reading of the parameters is kept, so the longest time until an edit is seen: 1 s to 1 h. */
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
  readonly table: dynamodb.ITable | dynamodb.Table;
  /** The monitor's function. Absent without `monitor`. */
  readonly monitor?: lambda.Function;
  readonly dashboard?: cloudwatch.Dashboard;

  readonly #alarms: AlarmsProps | undefined;
  readonly #grounds: Grounds;
  readonly #grants: Grants;
  readonly #protected: lambda.Function[] = [];
  readonly #granted: { readonly grantee: iam.IGrantable; readonly actions: AllowedActions }[] = [];

  /** @throws MaintenanceWindowError `MaintenanceWindow.Config` for a prop that is not allowed: the place, the value, the remedy */
  constructor(scope: Construct, id: string, props: MaintenanceWindowProps = {}) {
    super(scope, id);
    const { monitor = false, alarms, dashboard = false } = props;
    this.parameters = [this.parameter] = createWindowParameters(this, props);
    const table = eventsTable(this, 'Events', props);
    this.table = table.construct;
    this.#grounds = { scope: this, parameters: this.parameters, table };
    this.#grants = createGrants(this);
    if (monitor) this.monitor = new Monitor(this, 'Monitor', this.#grounds, monitor === true ? {} : monitor).function;
    this.#alarms = alarms;
    if (alarms && this.monitor) alarmOnMonitor(this, this.table.tableName, alarms);
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
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` for what is no image function of this app, account and region, one
   * that is protected already, and bad options
   */
  protect(fn: lambda.Function, options: ProtectOptions = {}): void {
    refuseWhatCannotBeProtected(this, fn);
    const settings = settingsOf(fn, options);
    markAsProtected(fn);
    for (const [name, value] of Object.entries({ ...environmentOf(this.#grounds), ...settings })) {
      fn.addEnvironment(name, value);
    }
    allowClient(fn, this.#grounds);
    for (const { grantee, actions } of this.#granted) this.#giveOn(fn, grantee, actions);
    this.#protected.push(fn);
    if (this.#alarms) alarmOnFunction(fn, this.#alarms);
    warnOf(fn);
  }

  /**
   * Grants everything that the operator's tool calls: {@link grantRead}, {@link grantEditWindows} and {@link
   * grantReplay} in one. Like them it covers every protected function, before this call or after it, with its versions
   * and aliases.
   */
  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, OPERATOR_ACTIONS);
  }

  /** Allows to look: at windows and their history, and at deferred events with their bodies. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, READ_ACTIONS);
  }

  /** Grants beginning, ending and scheduling windows, in the operator's parameters. */
  grantEditWindows(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, WINDOW_ACTIONS);
  }

  /** Allows to replay deferred events, to discard, export and import them: to invoke the functions, too. */
  grantReplay(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, REPLAY_ACTIONS);
  }

  #grant(grantee: iam.IGrantable, actions: AllowedActions): iam.Grant {
    refuseOtherEnvironment(this, grantee);
    const statements = statementsOn(this.#grounds, actions);
    const grant = this.#grants.give(grantee, { statements, home: Stack.of(this), beside: 'holder' });
    this.#granted.push({ grantee, actions });
    return this.#protected.reduce((all, fn) => all.combine(this.#giveOn(fn, grantee, actions)), grant);
  }

  #giveOn(fn: lambda.Function, grantee: iam.IGrantable, actions: AllowedActions): iam.Grant {
    const { arn, stack } = wayTo(fn);
    const statements = statementsOnFunction(arn, actions);
    return this.#grants.give(grantee, { statements, ...(stack && { home: stack }), beside: 'home' });
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

  /** How often the client's own code failed in a function. Sum. */
  metricGateFault(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('GateFault', fn, options);
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

/** The function's own settings, checked by the runtime's parser. */
function settingsOf(fn: lambda.Function, { ttl, onError, policy }: ProtectOptions): Record<string, string> {
  const settings = {
    ...(ttl && { [SETTINGS.ttlSeconds.name]: String(ttl.toSeconds()) }),
    ...(onError && { [SETTINGS.onError.name]: onError }),
    ...(policy && { [SETTINGS.policy.name]: JSON.stringify(policy) }),
  };
  refuseBadSettings(fn, settings);
  return settings;
}
