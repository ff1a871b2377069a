import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CLIENT_ACTIONS } from '../../core/deployment/permissions.ts';
import { warnOfMissing } from './grants.ts';
import { type Holder, holderOf } from './holder.ts';
import { digestOfPlaces, inlinePolicy } from './inline-policy.ts';
import { type Grounds, statementsOn, statementsOnOwnItems } from './permissions.ts';
import { functionResource, givenName } from './protected-function.ts';

/**
 * As many functions as one policy names, of 64 characters each. An inline policy and all others of its role hold 10,240
 * characters together, a managed one 6,144. Source: IAM user guide, "IAM and AWS STS quotas".
 */
const NAMES_IN_A_POLICY = 70;

type Identity = Holder & { readonly kind: 'identity' };

/**
 * Allows the function what its client calls, by policies in its own stack: the stack of a role that is made elsewhere comes
 * to need nothing. What names no function is made before it, and so is what names it where the name is given. A generated
 * name is known only when the function is there: in a policy that the function waits for it would close a circle.
 */
export function allowClient(fn: lambda.Function, grounds: Grounds): void {
  const name = givenName(fn);
  const holder = fn.role && holderOf(grounds.scope, fn.role);
  const common = statementsOn(grounds, CLIENT_ACTIONS);
  if (holder?.kind !== 'identity') {
    const own = statementsOnOwnItems(grounds, () => [name ?? fn.functionName], CLIENT_ACTIONS);
    warnOfMissing(fn, grounds.scope, [...common, ...own]);
    return;
  }
  allowCommon(fn, holder, grounds, common);
  const kind = name === undefined ? 'Generated' : 'Given';
  const { names, policy } = policyWithRoom(fn, holder, grounds, kind);
  names.push(name ?? fn.functionName);
  if (name !== undefined) functionResource(fn).node.addDependency(policy);
}

/** The role's own policy comes before its functions anyway. That of another stack's role, or of an imported one, would not. */
function allowCommon(
  fn: lambda.Function,
  holder: Identity,
  { scope }: Grounds,
  statements: readonly iam.PolicyStatement[],
): void {
  const stack = Stack.of(fn);
  if (holder.stack === stack) {
    for (const statement of statements) holder.principal.addToPrincipalPolicy(statement);
    return;
  }
  const id = `MaintenanceWindowClients${digestOfPlaces(scope, holder.construct)}`;
  const found = stack.node.tryFindChild(id) as iam.Policy | undefined;
  const policy = found ?? inlinePolicy(stack, id, statements);
  if (!found) holder.attach(policy);
  functionResource(fn).node.addDependency(policy);
}

/** Policy on the items of functions that share a role; functions may still be added. */
interface OwnItems {
  readonly policy: iam.Policy | iam.ManagedPolicy;
  readonly names: string[];
}

const made = new WeakMap<object, OwnItems>();

/** One statement for many functions: with one for each, the role's policies would soon be larger than IAM takes. */
function policyWithRoom(
  fn: lambda.Function,
  holder: Identity,
  grounds: Grounds,
  kind: 'Given' | 'Generated',
): OwnItems {
  const stack = Stack.of(fn);
  const digest = digestOfPlaces(grounds.scope, holder.construct);
  for (let number = 1; ; number += 1) {
    const id = `MaintenanceWindow${kind}${digest}N${number}`;
    const found = made.get(stack.node.tryFindChild(id) ?? {});
    if (found && found.names.length >= NAMES_IN_A_POLICY) continue;
    return found ?? makePolicy(stack, id, holder, grounds, number === 1);
  }
}

function makePolicy(stack: Stack, id: string, holder: Identity, grounds: Grounds, isInline: boolean): OwnItems {
  const names: string[] = [];
  const statements = [...statementsOnOwnItems(grounds, () => names, CLIENT_ACTIONS)];
  const policy = isInline ? inlinePolicy(stack, id, statements) : new iam.ManagedPolicy(stack, id, { statements });
  holder.attach(policy);
  const ownItems = { policy, names };
  made.set(policy, ownItems);
  return ownItems;
}
