import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { type Bootstrap, whyNoGate } from '../checks/carriers.ts';
import { refuse } from '../checks/fault.ts';
import { differencesOf, environmentIn, environmentText } from '../checks/one-environment.ts';
import { isOfType } from './resources.ts';

/** What `protect` adds to a function. Where it is, the function is protected. */
const PROTECTED_ID = 'MaintenanceWindow';
/** What a monitor adds to its function, which has to run inside windows. */
const MONITOR_ID = 'MaintenanceWindowMonitor';

/**
 * Refuses what `protect` can do nothing for, with one message each.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config`
 */
export function refuseWhatCannotBeProtected(scope: Construct, fn: lambda.Function, bootstrap?: Bootstrap): void {
  const resource = fn?.node?.defaultChild;
  if (isOfType(resource, lambda.CfnAlias) || isOfType(resource, lambda.CfnVersion)) {
    refuse(
      fn,
      'is an alias or a version; protect the function itself, whose environment its aliases and versions have',
    );
  }
  const noGate = fn?.runtime && whyNoGate(fn, bootstrap);
  if (noGate) refuse(fn, noGate);
  if (fn?.node && isMonitor(fn))
    refuse(fn, 'is a monitor, which has to run inside windows; protect the functions that it looks after');
  if (!isOfType(resource, lambda.CfnFunction)) {
    refuse(
      fn?.node ? fn : scope,
      'is no function that this app makes, so its environment and role cannot be changed here; protect it in the app that makes it',
    );
  }
  if (isProtected(fn)) refuse(fn, 'is protected already; protect it once, by one MaintenanceWindow');
  const [here, there] = [environmentIn(fn), environmentIn(scope)];
  if (differencesOf(here, there).length === 0) return;
  refuse(
    fn,
    `is deployed to ${environmentText(here)}, and the windows and events of ${scope.node.path} are in ${environmentText(there)}, ` +
      'where it would not look; give both stacks the same env, or make a MaintenanceWindow beside it, with parameters ' +
      'and table for what is shared (see docs/deploying.md)',
  );
}

/** Marks a function as protected. */
export function markAsProtected(fn: lambda.Function): void {
  new Construct(fn, PROTECTED_ID);
}

/** Whether a function is protected, by whichever `MaintenanceWindow`. */
export function isProtected(fn: IConstruct): boolean {
  return fn.node.tryFindChild(PROTECTED_ID) !== undefined;
}

/** Marks the function of a monitor. */
export function markAsMonitor(fn: lambda.Function): void {
  new Construct(fn, MONITOR_ID);
}

/** Whether a function is a monitor's, of whichever `MaintenanceWindow`. */
export function isMonitor(fn: IConstruct): boolean {
  return fn.node.tryFindChild(MONITOR_ID) !== undefined;
}

/** Function's ARN, and the stack that makes it known: none for a function with a given name. */
export function wayTo(fn: lambda.Function): { readonly arn: string; readonly stack?: Stack } {
  const resourceName = givenName(fn);
  if (resourceName === undefined) return { arn: fn.functionArn, stack: Stack.of(fn) };
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return { arn: Stack.of(fn).formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat }) };
}

/** The name that a function is given in the app. Undefined for one that is generated, or known at deployment only. */
export function givenName(fn: lambda.Function): string | undefined {
  const { functionName } = functionResource(fn);
  return Token.isUnresolved(functionName) ? undefined : functionName;
}

/** The function as it stands in the template. */
export function functionResource(fn: lambda.Function): lambda.CfnFunction {
  return fn.node.defaultChild as lambda.CfnFunction;
}
