import type { Duration } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { Policy } from '../core/sources/policy.ts';
import type { Bootstrap } from './checks/carriers.ts';
import type { WindowParameter } from './parts/window-parameters.ts';

/** How one function behaves. What is not set has the runtime's default. */
export interface ProtectOptions {
  /** Time for which a reading of the parameters is kept, so the longest time until an edit is seen: 1 s to 1 h. */
  readonly ttl?: Duration;
  /** What to do while no parameter could ever be read. */
  readonly onError?: 'dispatch' | 'defer';
  /** What to do with each event source, over the policies of the parameters. */
  readonly policy?: Policy;
  /**
   * Says of a function on `provided.*`, where Lambda knows no wrapper, that its `bootstrap` starts the program by the proxy's:
   * `exec /opt/maintenance-window/wrapper ./main`. `protectAll` takes it for those functions alone. Default: they are refused.
   */
  readonly bootstrap?: Bootstrap;
}

/** How all functions of a scope behave, and which of them stay as they are. */
export interface ProtectAllOptions extends ProtectOptions {
  /** Functions that are not protected. Default: none. */
  readonly except?: readonly lambda.IFunction[];
}

/**
 * Maintenance windows and the place of deferred events, made here (`new MaintenanceWindow`) or elsewhere
 * (`MaintenanceWindow.fromNames`). What takes one of them takes this.
 */
export interface IMaintenanceWindow extends IConstruct {
  /** In the order in which functions read them. */
  readonly parameters: readonly WindowParameter[];
  /** The first one: where the operator's tool begins windows. */
  readonly parameter: WindowParameter;
  readonly table: dynamodb.ITable | dynamodb.Table;

  /**
   * Puts a function under the windows: its environment, and the permissions that the client needs. A zip function on
   * `nodejs22.x` or later gets the client as a layer, one on Python, Java, .NET or Ruby the proxy; its own wrapper
   * (`AWS_LAMBDA_EXEC_WRAPPER`) comes next. One on `provided.*` gets the proxy where `bootstrap` says that it is prepared. An
   * image function has to hold client or proxy in its image. Warns at synth where events could be lost.
   *
   * @throws MaintenanceWindowError `MaintenanceWindow.Config` for what is no such function of this app, account and region, one
   * that is protected already or has no room for a layer, and bad options
   */
  protect(fn: lambda.Function, options?: ProtectOptions): void;

  /**
   * Puts every function of a scope that can have client or proxy under the windows, at synth: those that are made after this
   * call, too. A function that is protected already keeps its own options. A warning names the others: of other runtimes, and
   * of custom resources that the CDK makes.
   */
  protectAll(scope: IConstruct, options?: ProtectAllOptions): void;

  /**
   * Grants everything that the operator's tool calls: {@link grantRead}, {@link grantEditWindows} and {@link
   * grantReplay} in one. Like them it covers every protected function, before this call or after it, with its versions
   * and aliases.
   */
  grantOperate(grantee: iam.IGrantable): iam.Grant;

  /** Allows to look: at windows and their history, and at deferred events with their bodies. */
  grantRead(grantee: iam.IGrantable): iam.Grant;

  /** Grants beginning, ending and scheduling windows, in the operator's parameters. */
  grantEditWindows(grantee: iam.IGrantable): iam.Grant;

  /** Allows to replay deferred events, to discard, export and import them: to invoke the functions, too. */
  grantReplay(grantee: iam.IGrantable): iam.Grant;

  /** Invocations of a function that were stored. Sum. */
  metricDeferred(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Invocations of a function that were turned away, and not stored. Sum. */
  metricRejected(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Invocations of a function that should have been stored and could not be. Sum. */
  metricDeferralFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** How long storing an event took, in milliseconds. p99. */
  metricDeferralLatency(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** A function's readings of the window parameters that failed. Sum. */
  metricWindowReadFailed(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** How often the client's own code failed in a function. Sum. */
  metricGateFault(fn: lambda.IFunction, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Events that are stored and not finished. Maximum. Needs the monitor. */
  metricPendingEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Age of the oldest pending event in seconds, 0 where there is none. Maximum. Needs the monitor. */
  metricOldestPendingAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** 1 while a window is active, for whichever functions; else 0. Maximum. Needs the monitor. */
  metricWindowActive(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** For how many seconds a window has been active, 0 while none is. Maximum. Needs the monitor. */
  metricWindowActiveAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
