import { randomUUID } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { environmentIn } from '../checks/one-environment.ts';

/** Holder of permissions, and the way to grant them. */
export type Holder =
  /** A role, a user, a group: policies are attached to it, and each may stand in whichever stack. */
  | (Held & { readonly kind: 'identity'; attach(policy: iam.Policy | iam.ManagedPolicy): void })
  /** A managed policy, a principal with conditions: statements are added where it stands itself. */
  | (Held & { readonly kind: 'document' })
  /** A role that may not be edited, or not from here. */
  | (Held & { readonly kind: 'fixed' });

interface Held {
  readonly principal: iam.IPrincipal;
  /** Where it stands in the app. Absent for what does not. */
  readonly construct?: IConstruct;
  /** The stack that makes it. Absent where its name is known without. */
  readonly stack?: Stack;
}

type Identity = iam.IIdentity & IConstruct & { roleName?: string; userName?: string; groupName?: string };

/** Roles that IAM lets nobody edit: those of IAM Identity Center, and those of AWS's services. */
const RESERVED = /^AWS(?:ReservedSSO_|ServiceRoleFor)/;

/** Finds out how somebody can be given permissions. */
export function holderOf(scope: Construct, grantee: iam.IGrantable): Holder {
  const { grantPrincipal: principal } = grantee;
  // A managed policy has a principal that stands nowhere.
  const construct = [principal, grantee].find((one) => Construct.isConstruct(one)) as IConstruct | undefined;
  const held = { principal, ...(construct && { construct }) };
  if (!isIdentity(principal)) return { kind: 'document', ...held, ...(construct && { stack: Stack.of(construct) }) };
  const name = principal.roleName ?? principal.userName ?? principal.groupName ?? '';
  if (RESERVED.test(name) || !takesPolicies(scope, principal)) return { kind: 'fixed', ...held };
  const stack = Token.isUnresolved(name) ? Stack.of(principal) : undefined;
  return { kind: 'identity', ...held, ...(stack && { stack }), attach: (policy) => attach(policy, principal) };
}

/** By its form, and never by `instanceof`: an app may have several copies of aws-cdk-lib. */
function isIdentity(principal: iam.IPrincipal): principal is Identity {
  return Construct.isConstruct(principal) && 'attachInlinePolicy' in principal;
}

/** What is imported says by what it does whether it takes a policy: one that may not be edited passes over it in silence. */
function takesPolicies(scope: Construct, identity: Identity): boolean {
  if (identity.node.defaultChild?.node.scope === identity) return true;
  let isTaken = false;
  const take = () => {
    isTaken = true;
  };
  const tried = { attachToRole: take, attachToUser: take, attachToGroup: take, policyName: randomUUID() };
  const [document, env] = [new iam.PolicyDocument(), environmentIn(scope)];
  identity.attachInlinePolicy({ ...tried, document, env } as unknown as iam.Policy);
  return isTaken;
}

function attach(policy: iam.Policy | iam.ManagedPolicy, identity: Identity): void {
  if (identity.roleName !== undefined) policy.attachToRole(identity as unknown as iam.IRole);
  else if (identity.userName !== undefined) policy.attachToUser(identity as unknown as iam.IUser);
  else policy.attachToGroup(identity as unknown as iam.IGroup);
}
