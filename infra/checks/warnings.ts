import { AspectPriority, Aspects, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IConstruct } from 'constructs';
import { chainWrappers } from '../layer.ts';
import { refuseBadEnvironment } from '../parts/environment.ts';
import { MISSING_PERMISSIONS } from '../parts/grants.ts';
import { functionResource } from '../parts/protected-function.ts';
import { inTemplate, isOfType, targetsIn } from '../parts/resources.ts';
import { SHARED_PARAMETER } from '../parts/window-parameters.ts';
import { carrierOf } from './carriers.ts';
import { missingWays } from './network-ways.ts';
import { warn } from './warning.ts';

/** What the warnings are acknowledged by: `Validations.of(fn).acknowledge({ id, reason })`. */
export const WARNINGS = {
  noFailureDestination: 'maintenance-window:no-failure-destination',
  noNetworkWay: 'maintenance-window:no-network-way',
  noRetry: 'maintenance-window:no-retry',
  successDestination: 'maintenance-window:success-destination',
  missingPermissions: MISSING_PERMISSIONS,
  sharedParameter: SHARED_PARAMETER,
  noDrain: 'maintenance-window:no-drain',
  notProtected: 'maintenance-window:not-protected',
} as const;

/**
 * Principals of services that invoke asynchronously: Lambda has accepted the event before the function sees it.
 * Source: Lambda developer guide, "Invoking Lambda with events from other AWS services".
 */
const ASYNCHRONOUS = /^"(codecommit|config|events|iot|lambda\.alarms\.cloudwatch|logs|s3|scheduler|ses|sns)\./;

/**
 * Least event age for a retry: an invocation that is stored and answered with an error is retried after a minute, and
 * answered with success then. Younger limits give events up before.
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
const AGE_OF_A_RETRY_SECONDS = 120;

/**
 * Warns at synth, when the whole app is known, of what would cost events inside a window. Silent about what cannot be
 * seen.
 */
export function warnOf(fn: lambda.Function): void {
  const aspect = {
    visit(node: IConstruct) {
      if (node !== fn) return;
      chainWrappers(fn, carrierOf(fn));
      refuseBadEnvironment(fn);
      const seen = lookAround(fn);
      warnOfLostEvents(fn, seen);
      warnOfDestinations(fn, seen);
      warnOfNetwork(fn);
    },
  };
  // behind aspects of the app's own, which may set variables
  Aspects.of(fn).add(aspect, { priority: AspectPriority.READONLY });
}

function warnOfLostEvents(fn: lambda.Function, { asynchronous, failureDestination }: Seen): void {
  if (!asynchronous || failureDestination) return;
  warn(
    fn,
    WARNINGS.noFailureDestination,
    'is invoked asynchronously and has neither a dead-letter queue nor a failure destination: an event that cannot be ' +
      "stored inside a maintenance window, even after all of Lambda's tries, is lost; set deadLetterQueue or onFailure",
  );
}

function warnOfDestinations(fn: lambda.Function, { failureDestination, successDestination, noRetry }: Seen): void {
  if (noRetry && failureDestination) {
    warn(
      fn,
      WARNINGS.noRetry,
      'is not tried again (MaximumRetryAttempts 0, or a MaximumEventAge below two minutes), and what fails is sent on: an ' +
        'event of no known source is answered with an error when it is stored, so it is in the table and in the dead-letter ' +
        'queue or failure destination, too; allow a retry, or pass over there what names MaintenanceWindow.Active',
    );
  }
  if (successDestination) {
    warn(
      fn,
      WARNINGS.successDestination,
      'has a destination for successes, which inside a maintenance window is told of every event that is stored, long before ' +
        'it is handled; let the handler send what it has done, or acknowledge this',
    );
  }
}

function warnOfNetwork(fn: lambda.Function): void {
  const missing = missingWays(fn, functionResource(fn).vpcConfig);
  if (missing.length === 0) return;
  warn(
    fn,
    WARNINGS.noNetworkWay,
    `is in subnets without a way out, and its VPC has no endpoint here for ${missing.join(' and ')}: inside a ` +
      'maintenance window it could not store events; add the endpoints, or acknowledge this if they are there already',
  );
}

/** What the app says about who invokes a function, and what becomes of its events. */
interface Seen {
  readonly asynchronous: boolean;
  /** A dead-letter queue, or a destination for what fails. */
  readonly failureDestination: boolean;
  readonly successDestination: boolean;
  /** An invocation that fails is not tried again in time. */
  readonly noRetry: boolean;
}

function lookAround(fn: lambda.Function): Seen {
  const nodes = fn.node.root.node.findAll();
  const itself: ReadonlySet<IConstruct> = new Set([
    functionResource(fn),
    ...nodes.filter((node) => isQualifierOf(node, fn)),
  ]);
  const isOurs = (at: IConstruct, value: unknown) => [...targetsIn(at, value)].some((target) => itself.has(target));
  const configs = nodes.filter((node) => isOfType(node, lambda.CfnEventInvokeConfig));
  const ours = configs.filter((config) => isOurs(config, config.functionName));
  const sendsOn = (what: string) => ours.some((one) => inTemplate(one, one.destinationConfig).includes(`"${what}"`));
  const isAsynchronous = (node: IConstruct) =>
    (isOfType(node, lambda.CfnPermission) &&
      ASYNCHRONOUS.test(inTemplate(node, node.principal)) &&
      isOurs(node, node.functionName)) ||
    (isOfType(node, CfnSchedule) && isOurs(node, node.target)) ||
    // A function that is another one's destination: Lambda invokes it with that one's role, without a permission.
    (isOfType(node, lambda.CfnEventInvokeConfig) && isOurs(node, node.destinationConfig));
  return {
    asynchronous: nodes.some(isAsynchronous),
    failureDestination: functionResource(fn).deadLetterConfig !== undefined || sendsOn('onFailure'),
    successDestination: sendsOn('onSuccess'),
    noRetry: ours.some(
      ({ maximumRetryAttempts: attempts, maximumEventAgeInSeconds: age = Number.POSITIVE_INFINITY }) =>
        attempts === 0 || (!Token.isUnresolved(age) && age < AGE_OF_A_RETRY_SECONDS),
    ),
  };
}

function isQualifierOf(node: IConstruct, fn: lambda.Function): node is lambda.CfnVersion | lambda.CfnAlias {
  const qualifies = isOfType(node, lambda.CfnVersion) || isOfType(node, lambda.CfnAlias);
  return qualifies && targetsIn(node, node.functionName).has(functionResource(fn));
}
