import { Aspects, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { type Construct, DependencyGroup, type IConstruct } from 'constructs';
import { refuse } from '../checks/fault.ts';
import { differencesOf, type Environment, environmentIn, environmentText } from '../checks/one-environment.ts';
import { isNestedIn, readStackGraph, type StackGraph } from '../checks/stack-graph.ts';
import { warn } from '../checks/warning.ts';
import { type Holder, holderOf } from './holder.ts';
import { digestOfPlaces, inlinePolicy } from './inline-policy.ts';
import { policyText } from './policy-text.ts';

/** What the warning about permissions that could not be given is acknowledged by. */
export const MISSING_PERMISSIONS = 'maintenance-window:missing-permissions';

/** Statements that belong together. */
export interface Allowance {
  readonly statements: readonly iam.PolicyStatement[];
  /** The stack of what they are about. Absent where they name nothing that a stack makes. */
  readonly home?: Stack;
  /** Where they stand if either stack would do: beside what they are about, or beside whom they are for. */
  readonly beside: 'home' | 'holder';
}

/** Grants permissions to roles, users and policies. */
export interface Grants {
  /** A grant that fails where the grantee cannot be edited from here; a warning at synth has what is missing as JSON. */
  give(grantee: iam.IGrantable, allowance: Allowance): iam.Grant;
}

/** Somebody, and what has not become a policy yet. */
interface Entry {
  readonly holder: Holder;
  readonly waiting: Allowance[];
  readonly missing: iam.PolicyStatement[];
  /** Whatever depends on a grant depends on these. */
  readonly policies: DependencyGroup;
  /** Policies that were made. */
  made: number;
}

/**
 * Room in policies: the inline policies of an identity hold 10,240 characters together, a managed one 6,144. Some are
 * left to others.
 * Source: IAM user guide, "IAM and AWS STS quotas".
 */
const INLINE_CHARACTERS = 8_000;
const MANAGED_CHARACTERS = 6_000;
/** Assumed length of an ARN or a name that is known only at deployment. */
const CHARACTERS_OF_A_REFERENCE = 100;

/** Characters in inline policies of all constructs in the app, by holder. */
const inlineCharacters = new WeakMap<iam.IPrincipal, number>();

/**
 * A policy needs both stacks: of whom it is for, and of what it is about. Which of the two may have it without a circle
 * is known only when the whole app is, so it is decided at synth. One of them always may.
 */
export function createGrants(scope: Construct): Grants {
  const entries = new Map<iam.IPrincipal, Entry>();
  let isSynth = false;
  Aspects.of(scope).add({
    visit(node) {
      if (node !== scope) return;
      isSynth = true;
      settle();
    },
  });
  return { give };

  function give(grantee: iam.IGrantable, allowance: Allowance): iam.Grant {
    const entry = entries.get(grantee.grantPrincipal) ?? openEntry(scope, grantee);
    entries.set(grantee.grantPrincipal, entry);
    entry.waiting.push(allowance);
    const grant = allowance.statements
      .map((statement) => grantOf(entry, statement))
      .reduce((all, one) => all.combine(one));
    // what an aspect of the app protects comes after the others
    if (isSynth) settle();
    return grant;
  }

  function settle(): void {
    if (![...entries.values()].some(({ waiting }) => waiting.length > 0)) return;
    const graph = readStackGraph(scope.node.root);
    for (const entry of entries.values()) {
      const { holder, waiting, missing } = entry;
      const allowances = waiting.splice(0);
      if (holder.kind === 'identity') placeAll(scope, entry, allowances, graph);
      if (holder.kind === 'document') refuseCircles(scope, holder, allowances, graph);
      if (missing.length > 0) warnOfMissing(holder.construct ?? scope, scope, missing.splice(0));
    }
  }
}

function openEntry(scope: Construct, grantee: iam.IGrantable): Entry {
  const holder = holderOf(scope, grantee);
  return { holder, waiting: [], missing: [], policies: new DependencyGroup(), made: 0 };
}

/** CDK grant for a statement that will be in a policy, is in the document now, or is missing. */
function grantOf({ holder, missing, policies }: Entry, statement: iam.PolicyStatement): iam.Grant {
  const { principal, kind } = holder;
  const policyDependable = policies;
  const inAPolicy = { addToPrincipalPolicy: () => ({ statementAdded: true, policyDependable }) };
  const grantPrincipal =
    kind === 'identity' ? (Object.assign(Object.create(principal), inAPolicy) as iam.IPrincipal) : principal;
  const grant =
    kind === 'fixed'
      ? iam.Grant.drop({ grantPrincipal }, 'maintenance windows')
      : iam.Grant.addToPrincipal({
          grantee: { grantPrincipal },
          actions: statement.actions,
          resourceArns: statement.resources,
          conditions: statement.conditions,
        });
  if (!grant.success) missing.push(statement);
  return grant;
}

function placeAll(scope: Construct, entry: Entry, allowances: readonly Allowance[], graph: StackGraph): void {
  const placed = new Map<Stack, iam.PolicyStatement[]>();
  for (const allowance of allowances) {
    const stack = placeOf(allowance, entry.holder, graph) ?? Stack.of(scope);
    placed.set(stack, [...(placed.get(stack) ?? []), ...allowance.statements]);
  }
  for (const [stack, statements] of placed) {
    const used = inlineCharacters.get(entry.holder.principal) ?? 0;
    const inline = takeUpTo(INLINE_CHARACTERS - used, stack, statements);
    inlineCharacters.set(entry.holder.principal, used + lengthOf(stack, inline));
    if (inline.length > 0) attach(inlinePolicy(stack, nextId(scope, entry), inline));
    while (statements.length > 0) {
      const some = takeUpTo(MANAGED_CHARACTERS, stack, statements, 1);
      attach(new iam.ManagedPolicy(stack, nextId(scope, entry), { statements: some }));
    }
  }

  function attach(policy: iam.Policy | iam.ManagedPolicy): void {
    if (entry.holder.kind !== 'identity') return;
    entry.holder.attach(policy);
    entry.policies.add(policy);
  }
}

/** Takes as many of the first ones as are no longer together. */
function takeUpTo(
  characters: number,
  stack: Stack,
  statements: iam.PolicyStatement[],
  atLeast = 0,
): iam.PolicyStatement[] {
  const tooMany = statements.findIndex((_, index) => lengthOf(stack, statements.slice(0, index + 1)) > characters);
  return statements.splice(0, tooMany === -1 ? statements.length : Math.max(tooMany, atLeast));
}

function lengthOf(stack: Stack, statements: readonly iam.PolicyStatement[]): number {
  const text = statements.length > 0 ? policyText(stack, statements) : '';
  const known = text.replace(/\$\{AWS::[^}]*\}/g, '-'.repeat('ap-southeast-2'.length));
  return known.replace(/\$\{[^}]*\}/g, '-'.repeat(CHARACTERS_OF_A_REFERENCE)).length;
}

function placeOf({ home, beside }: Allowance, { stack }: Holder, graph: StackGraph): Stack | undefined {
  if (!home || !stack || home === stack) return home ?? stack;
  // in the outer one a policy waits for the nested stack, and nothing waits for the policy
  if (isNestedIn(home, stack)) return stack;
  if (isNestedIn(stack, home)) return home;
  const [wanted, other] = beside === 'home' ? [home, stack] : [stack, home];
  if (graph.needs(other, wanted)) return other;
  graph.add(wanted, other);
  return wanted;
}

/** The same as long as the two constructs stay where they are. */
function nextId(scope: Construct, entry: Entry): string {
  entry.made += 1;
  return `MaintenanceWindowGrants${digestOfPlaces(scope, entry.holder.construct)}N${entry.made}`;
}

function refuseCircles(scope: Construct, { stack }: Holder, allowances: readonly Allowance[], graph: StackGraph): void {
  for (const { home } of allowances) {
    if (!home || !stack || home === stack || !graph.needs(home, stack)) continue;
    refuse(
      scope,
      `a policy in the stack ${stack.node.path} is granted what stands in ${home.node.path}, which needs that stack: a circle; ` +
        'make the policy in a stack that no other one needs',
    );
  }
}

/** Whoever grants says what is missing, to whoever can add it. */
export function warnOfMissing(whom: IConstruct, scope: Construct, statements: readonly iam.PolicyStatement[]): void {
  warn(
    whom,
    MISSING_PERMISSIONS,
    `cannot be given from here what ${scope.node.path} grants, as its role or policy is not to be edited; have this added to it ` +
      `(for a permission set: grant to an iam.ManagedPolicy that it names): ${policyText(scope, statements)}`,
  );
}

/**
 * Refuses a grantee of another account, because no policy here can make it an operator, and one from another region.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with both
 */
export function refuseOtherEnvironment(scope: Construct, grantee: iam.IGrantable): void {
  const here = environmentIn(scope);
  const { construct, stack, principal } = holderOf(scope, grantee);
  const made = stack ? environmentIn(stack) : here;
  const there = { ...made, account: principal.principalAccount ?? made.account };
  const isOpen = (key: keyof Environment) => Token.isUnresolved(here[key]) || Token.isUnresolved(there[key]);
  if (!differencesOf(there, here).some((key) => !isOpen(key))) return;
  refuse(
    construct ?? scope,
    `is in ${environmentText(there)}, and the windows and events of ${scope.node.path} are in ${environmentText(here)}; grant to ` +
      "a role of that account, which others may assume; name one that another region's stack makes by iam.Role.fromRoleName",
  );
}
