import { CfnElement, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { targetsIn } from '../parts/resources.ts';

/** Which stacks of an app need which others, and so are deployed after them. */
export interface StackGraph {
  /** Whether a stack needs another one, by however many steps. */
  needs(stack: Stack, other: Stack): boolean;
  /** Adds that a stack needs another one. */
  add(stack: Stack, other: Stack): void;
}

/**
 * Stack dependencies, read from references between resources and from the app's own order. CloudFormation allows no
 * circle of stacks, and the CDK reports one only once it is there.
 */
export function readStackGraph(root: IConstruct): StackGraph {
  const needed = new Map<Stack, Set<Stack>>();
  for (const node of root.node.findAll()) {
    if (Stack.isStack(node)) for (const other of node.dependencies) add(node, other);
    for (const other of [...node.node.dependencies, ...targetsOf(node)]) add(stackOf(node), stackOf(other));
  }
  return { needs, add };

  function add(stack: Stack | undefined, other: Stack | undefined): void {
    const [from, to] = whereTheyPart(stack, other);
    if (from && to) needed.set(from, (needed.get(from) ?? new Set()).add(to));
  }

  function needs(stack: Stack, other: Stack): boolean {
    const [from, to] = whereTheyPart(stack, other);
    if (!from || !to) return false;
    const reached = new Set([from]);
    for (const one of reached) for (const next of needed.get(one) ?? []) reached.add(next);
    return reached.has(to);
  }
}

/** Nested stacks of one parent are deployed with it, each after those that it needs. Nothing for a stack and its own parent. */
function whereTheyPart(stack: Stack | undefined, other: Stack | undefined): [Stack | undefined, Stack | undefined] {
  const [path, others] = [parentsOf(stack), parentsOf(other)];
  const at = path.findIndex((one, index) => one !== others[index]);
  return [path[at], others[at]];
}

/** Whether a stack is deployed with another one, as a part of it. */
export function isNestedIn(stack: Stack, other: Stack): boolean {
  return stack !== other && parentsOf(stack).includes(other);
}

/** From the outermost to the stack itself. */
function parentsOf(stack: Stack | undefined): readonly Stack[] {
  return stack ? [...parentsOf(stack.nestedStackParent), stack] : [];
}

function stackOf(node: IConstruct): Stack | undefined {
  return node.node.scopes.find((scope) => Stack.isStack(scope)) ? Stack.of(node) : undefined;
}

/** What an element of a template refers to, wherever that is. */
function targetsOf(node: IConstruct): ReadonlySet<IConstruct> {
  const element = node as CfnElement & { _toCloudFormation(): object };
  return CfnElement.isCfnElement(node) ? targetsIn(node, element._toCloudFormation()) : new Set();
}
