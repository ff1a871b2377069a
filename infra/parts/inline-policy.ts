import { createHash } from 'node:crypto';
import { type Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/**
 * An inline policy whose name no other stack, app or region uses. One of the same name takes its place in the role, without a
 * word, and a role is the same one in every region; the CDK's own name is the logical id, which two stacks of a class share.
 *
 * @param id the construct's, in the stack
 */
export function inlinePolicy(stack: Stack, id: string, statements: readonly iam.PolicyStatement[]): iam.Policy {
  return new iam.Policy(stack, id, { policyName: policyName(stack, id), statements: [...statements] });
}

/** 128 characters at most. The region may be known at deployment only. */
function policyName(stack: Stack, id: string): string {
  const { stackName } = outermost(stack);
  return `${id}-${digestOf(stack.node.path, Token.isUnresolved(stackName) ? '' : stackName)}-${stack.region}`;
}

/** The stack that is deployed by itself: a nested one goes with its parent. */
export function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}

/** Short id that stays the same as long as the constructs stay where they are. */
export function digestOfPlaces(...constructs: readonly (IConstruct | undefined)[]): string {
  return digestOf(...constructs.map((construct) => construct?.node.addr ?? ''));
}

function digestOf(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join()).digest('hex').slice(0, 8);
}
