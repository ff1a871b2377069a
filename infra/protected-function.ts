import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { refuse } from './fault.ts';
import { warnOfMissing } from './grants.ts';
import { holderOf } from './holder.ts';
import { differencesOf, environmentIn, environmentText } from './one-environment.ts';
import { CLIENT_ACTIONS, type Grounds, statementsOn, statementsOnOwnItems } from './permissions.ts';
import { isOfType } from './resources.ts';

/** What `protect` adds to a function. Where it is, the function is protected. */
const POLICY_ID = 'MaintenanceWindow';

/**
 * Refuses what `protect` can do nothing for, with one message each.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config`
 */
export function refuseWhatCannotBeProtected(scope: Construct, fn: lambda.Function): void {
  const resource = fn?.node?.defaultChild;
  if (isOfType(resource, lambda.CfnAlias) || isOfType(resource, lambda.CfnVersion)) {
    refuse(
      fn,
      'is an alias or a version; protect the function itself, whose environment its aliases and versions have',
    );
  }
  if (fn?.runtime !== undefined) refuseWithoutClient(fn);
  if (!isOfType(resource, lambda.CfnFunction)) {
    refuse(
      fn?.node ? fn : scope,
      'is no function that this app makes, so its environment and role cannot be changed here; protect it in the app that makes it',
    );
  }
  if (fn.node.tryFindChild(POLICY_ID)) refuse(fn, 'is protected already; protect it once, by one MaintenanceWindow');
  const [here, there] = [environmentIn(fn), environmentIn(scope)];
  if (differencesOf(here, there).length === 0) return;
  refuse(
    fn,
    `is deployed to ${environmentText(here)}, and the windows and events of ${scope.node.path} are in ${environmentText(there)}, ` +
      'where it would not look; give both stacks the same env, or make a MaintenanceWindow beside it, with parameters ' +
      'and table for what is shared (see docs/deploying.md)',
  );
}

/** An image cannot be looked into; a zip function on a managed runtime runs AWS's own client for certain. */
function refuseWithoutClient(fn: lambda.Function): void {
  if (fn.runtime.name === lambda.Runtime.FROM_IMAGE.name) return;
  refuse(
    fn,
    `runs the client of ${fn.runtime.name}, which knows no maintenance windows; protect takes functions from an image ` +
      'that holds this client (see docs/deploying.md)',
  );
}

/**
 * Allows the function what its client calls. What is the same for all functions of a role is in the role's own policy, which
 * CloudFormation makes before the function. What names the function stands beside it, and comes before it only where the
 * name is known: the role's policy would close a circle, function to role to function.
 */
export function allowClient(fn: lambda.Function, grounds: Grounds): void {
  const name = givenName(fn);
  const common = statementsOn(grounds, CLIENT_ACTIONS);
  const own = statementsOnOwnItems(grounds, name ?? fn.functionName, CLIENT_ACTIONS);
  const policy = new iam.Policy(fn, POLICY_ID, { statements: [...own] });
  const holder = fn.role && holderOf(grounds.scope, fn.role);
  if (holder?.kind === 'identity') {
    for (const statement of common) holder.principal.addToPrincipalPolicy(statement);
    holder.attach(policy);
    if (name !== undefined) functionResource(fn).node.addDependency(policy);
  } else {
    warnOfMissing(fn, grounds.scope, [...common, ...own]);
  }
}

/** A function's ARN, and the stack that has to be there for it to be known: none for a function with a given name. */
export function wayTo(fn: lambda.Function): { readonly arn: string; readonly stack?: Stack } {
  const resourceName = givenName(fn);
  if (resourceName === undefined) return { arn: fn.functionArn, stack: Stack.of(fn) };
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return { arn: Stack.of(fn).formatArn({ service: 'lambda', resource: 'function', resourceName, arnFormat }) };
}

function givenName(fn: lambda.Function): string | undefined {
  const { functionName } = functionResource(fn);
  return Token.isUnresolved(functionName) ? undefined : functionName;
}

/** The function as it stands in the template. */
export function functionResource(fn: lambda.Function): lambda.CfnFunction {
  return fn.node.defaultChild as lambda.CfnFunction;
}
