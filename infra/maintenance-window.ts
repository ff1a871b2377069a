import { Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import { DRAIN_VARIABLE, LOOK_ACTION } from '../core/deployment/drain-machine.ts';
import {
  type AllowedActions,
  DRAIN_ACTIONS,
  DRAIN_STARTER_ACTIONS,
  OPERATOR_ACTIONS,
  READ_ACTIONS,
  REPLAY_ACTIONS,
  WINDOW_ACTIONS,
} from '../core/deployment/permissions.ts';
import { SETTINGS } from '../core/gate/config.ts';
import type { ClientMetric, MonitorMetric } from '../core/metrics.ts';
import { parseAutoReplay, type ReplayPolicy } from '../core/sources/auto-replay.ts';
import { carrierOf } from './checks/carriers.ts';
import { refuse } from './checks/fault.ts';
import { warn } from './checks/warning.ts';
import { WARNINGS, warnOf } from './checks/warnings.ts';
import type { IMaintenanceWindow, ProtectAllOptions, ProtectOptions } from './contract.ts';
import { Drain, type DrainProps } from './drain.ts';
import { addLayer } from './layer.ts';
import { Monitor, type MonitorProps } from './monitor.ts';
import { allowClient } from './parts/client-policy.ts';
import { environmentOf, refuseBadSettings } from './parts/environment.ts';
import { type EventsTableProps, eventsTable } from './parts/events-table.ts';
import { createGrants, type Grants, refuseOtherEnvironment } from './parts/grants.ts';
import { type Grounds, statementsOn, statementsOnFunction } from './parts/permissions.ts';
import { markAsProtected, refuseWhatCannotBeProtected, wayTo } from './parts/protected-function.ts';
import { createWindowParameters, type WindowParameter, type WindowParametersProps } from './parts/window-parameters.ts';
import { protectAll } from './protect-all.ts';
import { type AlarmsProps, alarmOnDrain, alarmOnFunction, alarmOnMonitor } from './watching/alarms.ts';
import { createDashboard } from './watching/dashboard.ts';
import { clientMetric, monitorMetric } from './watching/metrics.ts';
import { Notifications } from './watching/notify.ts';

/** What can be chosen. Nothing has to be. */
export interface MaintenanceWindowProps extends WindowParametersProps, EventsTableProps {
  /**
   * Scheduled function that measures pending events and active windows, and sweeps orphaned parts: `true`, or its
   * properties. Default: none.
   */
  readonly monitor?: boolean | MonitorProps;
  /**
   * State machine that replays in the account: what a window's policy says is to be replayed by itself (with the monitor), and
   * what `replay --detach` hands over. `true`, or its properties. Default: none.
   */
  readonly drain?: boolean | DrainProps;
  /** Alarms on every protected function; with a monitor, on pending events and long windows; with a drain, on it. Default: none. */
  readonly alarms?: AlarmsProps;
  /** Topic that is told, a sentence each, what becomes of windows, replays and backlogs. Needs the monitor. Default: none. */
  readonly notify?: sns.ITopic;
  /** A dashboard. Default: none. */
  readonly dashboard?: boolean;
}

/** Windows and a table that are made elsewhere, by their names. */
export interface MaintenanceWindowNames {
  /** Window parameters in the order in which functions read them. The first one is where the operator's tool begins windows. */
  readonly parameterNames: readonly string[];
  /** Of the deferred events table. */
  readonly tableName: string;
  /** The customer managed key of the table. Default: none. */
  readonly encryptionKey?: kms.IKey;
  /** Alarms on every function that is protected here. Default: none. */
  readonly alarms?: Pick<AlarmsProps, 'actions'>;
}

/**
 * Maintenance windows, and where events go that arrive inside one.
 *
 * ```ts
 * const maintenance = new MaintenanceWindow(this, 'Maintenance');
 * maintenance.protect(fn);            // a zip function, or an image that holds the client or the proxy
 * maintenance.protectAll(stack);      // or every one of a stack
 * maintenance.grantOperate(onCall);   // whoever begins windows and replays
 * ```
 */
export class MaintenanceWindow extends Construct implements IMaintenanceWindow {
  readonly parameters: readonly WindowParameter[];
  readonly parameter: WindowParameter;
  readonly table: dynamodb.ITable | dynamodb.Table;
  /** The monitor's function. Absent without `monitor`. */
  readonly monitor?: lambda.Function;
  /** The state machine that drains. Absent without `drain`. */
  readonly drain?: sfn.IStateMachine;
  readonly dashboard?: cloudwatch.Dashboard;

  /** Whoever made the table may have given it a monitor. */
  readonly #isTableGiven: boolean;
  /** Whether somebody replays by itself what says so, as far as can be seen: another app may, where it made the table. */
  readonly #isDrained: boolean;
  readonly #alarms: AlarmsProps | undefined;
  readonly #grounds: Grounds;
  readonly #grants: Grants;
  readonly #protected: lambda.Function[] = [];
  readonly #granted: { readonly grantee: iam.IGrantable; readonly actions: AllowedActions }[] = [];

  /**
   * Windows and a table that another app makes, or a stack before this one left behind: functions are protected by them, and
   * operators granted on them, as if they stood here.
   *
   * ```ts
   * const maintenance = MaintenanceWindow.fromNames(this, 'Maintenance', {
   *   parameterNames: ['/maintenance-window/Platform'],
   *   tableName: 'Platform-MaintenanceEvents-1A2B3C',
   * });
   * ```
   *
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` for a name that is not allowed
   */
  static fromNames(scope: Construct, id: string, names: MaintenanceWindowNames): IMaintenanceWindow {
    const { parameterNames, tableName, encryptionKey, alarms } = names;
    const attributes = { tableName, ...(encryptionKey && { encryptionKey }) };
    return new MaintenanceWindow(scope, id, {
      parameters: parameterNames.map((name) => ({ name })),
      table: dynamodb.Table.fromTableAttributes(scope, `${id}Events`, attributes),
      ...(alarms && { alarms }),
    });
  }

  /** @throws MaintenanceWindowError `MaintenanceWindow.Config` for a prop that is not allowed: the place, the value, the remedy */
  constructor(scope: Construct, id: string, props: MaintenanceWindowProps = {}) {
    super(scope, id);
    const { monitor = false, drain = false, alarms, notify, dashboard = false } = props;
    this.parameters = [this.parameter] = createWindowParameters(this, props);
    const table = eventsTable(this, 'Events', props);
    this.table = table.construct;
    this.#isTableGiven = props.table !== undefined;
    this.#grounds = { scope: this, parameters: this.parameters, table };
    this.#grants = createGrants(this);
    if (monitor) {
      const { oldestPendingAge } = alarms ?? {};
      const watching = {
        ...(monitor === true ? {} : monitor),
        ...(oldestPendingAge && { oldestPendingAge }),
        protectedHere: () => this.#protected,
      };
      this.monitor = new Monitor(this, 'Monitor', this.#grounds, watching).function;
    }
    const made = drain ? new Drain(this, 'Drain', this.#grounds, drain === true ? {} : drain) : undefined;
    if (made) this.drain = made.stateMachine;
    if (made) this.#grant(made.role, DRAIN_ACTIONS);
    if (made && this.monitor) {
      letStart(this.monitor, made);
      this.#grant(this.monitor, DRAIN_STARTER_ACTIONS);
    }
    this.#alarms = alarms;
    if (alarms && this.monitor) alarmOnMonitor(this, this.table.tableName, alarms);
    if (alarms && this.drain) alarmOnDrain(this, this.drain, alarms);
    if (alarms && !monitor && (alarms.oldestPendingAge ?? alarms.windowActiveAge)) {
      refuse(
        this,
        'alarms: oldestPendingAge and windowActiveAge rest on the monitor; set monitor: true, or leave them out',
      );
    }
    this.#isDrained = props.table !== undefined || (made !== undefined && this.monitor !== undefined);
    const said = [props.policy?.replay, ...(props.windows ?? []).map(({ replay }) => replay)];
    this.#warnOfNoDrain(
      this,
      said.find((replay) => replay !== undefined && replay !== 'manual'),
    );
    if (notify) this.#notify(notify);
    if (dashboard)
      this.dashboard = createDashboard(this, 'Dashboard', monitor ? this.table.tableName : undefined, made);
  }

  /** Nobody would replay by itself what says so. */
  #warnOfNoDrain(at: IConstruct, replay: ReplayPolicy | undefined): void {
    if (this.#isDrained || replay === undefined || replay === 'manual') return;
    warn(
      at,
      WARNINGS.noDrain,
      'has a backlog that is to be replayed by itself, and nobody here does that: every event waits for somebody; set ' +
        "monitor: true and drain: true, or write replay: 'manual'",
    );
  }

  #notify(topic: sns.ITopic): void {
    if (!this.monitor) refuse(this, 'notify: it is the monitor that tells; set monitor: true, or leave it out');
    new Notifications(this, 'Notify', { topic, tableName: this.table.tableName });
  }

  protect(fn: lambda.Function, options: ProtectOptions = {}): void {
    refuseWhatCannotBeProtected(this, fn, options.bootstrap);
    const settings = settingsOf(fn, options);
    addLayer(fn, carrierOf(fn));
    markAsProtected(fn);
    for (const [name, value] of Object.entries({ ...environmentOf(this.#grounds), ...settings })) {
      fn.addEnvironment(name, value);
    }
    allowClient(fn, this.#grounds);
    for (const { grantee, actions } of this.#granted) this.#giveOn(fn, grantee, actions);
    this.#protected.push(fn);
    if (this.#alarms) alarmOnFunction(fn, this.#alarms);
    warnOf(fn);
    this.#warnOfNoDrain(fn, options.policy?.replay);
  }

  protectAll(scope: IConstruct, options: ProtectAllOptions = {}): void {
    protectAll(this, scope, options);
  }

  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return this.#letStart(grantee, this.#grant(grantee, OPERATOR_ACTIONS));
  }

  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.#letLook(grantee, this.#grant(grantee, READ_ACTIONS));
  }

  grantEditWindows(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, WINDOW_ACTIONS);
  }

  grantReplay(grantee: iam.IGrantable): iam.Grant {
    return this.#letStart(grantee, this.#grant(grantee, REPLAY_ACTIONS));
  }

  /** Who may replay may hand a replay over to the drain. */
  #letStart(grantee: iam.IGrantable, grant: iam.Grant): iam.Grant {
    const whole = this.#letLook(grantee, grant);
    return this.drain ? whole.combine(this.drain.grantStartExecution(grantee)) : whole;
  }

  /** Who may look at replays may ask whether the execution of one goes on. */
  #letLook(grantee: iam.IGrantable, grant: iam.Grant): iam.Grant {
    return this.drain ? grant.combine(this.drain.grantExecution(grantee, LOOK_ACTION)) : grant;
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

  metricDeferred(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('Deferred', fn, options);
  }

  metricRejected(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('Rejected', fn, options);
  }

  metricDeferralFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('DeferralFailed', fn, options);
  }

  metricDeferralLatency(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('DeferralLatency', fn, options);
  }

  metricWindowReadFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('WindowReadFailed', fn, options);
  }

  metricGateFault(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#clientMetric('GateFault', fn, options);
  }

  metricPendingEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('PendingEvents', options);
  }

  metricOldestPendingAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('OldestPendingAge', options);
  }

  metricWindowActive(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('WindowActive', options);
  }

  metricWindowActiveAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#monitorMetric('WindowActiveAge', options);
  }

  #clientMetric(name: ClientMetric, { functionName }: lambda.IFunction, options?: cloudwatch.MetricOptions) {
    return clientMetric(name, functionName, options);
  }

  #monitorMetric(name: MonitorMetric, options?: cloudwatch.MetricOptions) {
    if (!this.monitor && !this.#isTableGiven)
      refuse(this, `the metric ${name} comes from the monitor; set monitor: true`);
    return monitorMetric(name, this.table.tableName, options);
  }
}

/** The monitor starts what a window's policy says, and asks what became of it. */
function letStart(monitor: lambda.Function, drain: Drain): void {
  monitor.addEnvironment(DRAIN_VARIABLE, drain.stateMachine.stateMachineArn);
  drain.stateMachine.grantStartExecution(monitor);
  drain.stateMachine.grantExecution(monitor, LOOK_ACTION);
}

/** The function's own settings, checked by the runtime's parser. */
function settingsOf(fn: lambda.Function, { ttl, onError, policy }: ProtectOptions): Record<string, string> {
  const replay = policy?.replay === undefined ? undefined : parseAutoReplay(policy.replay, 'policy.replay');
  if (replay?.kind === 'fault') refuse(fn, replay.message);
  const settings = {
    ...(ttl && { [SETTINGS.ttlSeconds.name]: String(ttl.toSeconds()) }),
    ...(onError && { [SETTINGS.onError.name]: onError }),
    ...(policy && { [SETTINGS.policy.name]: JSON.stringify(policy) }),
  };
  refuseBadSettings(fn, settings);
  return settings;
}
