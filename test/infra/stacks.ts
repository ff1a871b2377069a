import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { expect } from 'vitest';
import { proxyLayerFile } from '../../core/deployment/layer.ts';

/** One statement of an IAM policy. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly condition?: unknown;
}

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no type
  readonly Properties: any;
  readonly [attribute: string]: unknown;
}

/** An app with the settings of the repository's `cdk.json`, as `npx cdk` makes it. */
export function createApp(): App {
  const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));
  return new App({ context });
}

/** The template of a stack with what is built into it. */
export function templateOf(build: (stack: Stack) => void): Template {
  const stack = new Stack(createApp(), 'Stack');
  build(stack);
  return Template.fromStack(stack);
}

/** An image that is in a repository already, so that nothing is built. */
export function imageIn(stack: Stack, id: string): lambda.DockerImageCode {
  return lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(stack, id, 'images'));
}

/** A function from such an image. */
export function imageFunction(
  stack: Stack,
  id: string,
  options: Omit<lambda.DockerImageFunctionProps, 'code'> = {},
): lambda.DockerImageFunction {
  return new lambda.DockerImageFunction(stack, id, { code: imageIn(stack, `${id}Images`), ...options });
}

/** This machine's CPU: the build has made its layer for certain. */
export const OWN_CPU = process.arch === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;

/** Whether the build has made the proxy of this CPU: without cargo it cannot, and says so. CI skips none. */
export const hasProxy =
  process.env['CI'] !== undefined || existsSync(join(import.meta.dirname, '../../dist', proxyLayerFile(OWN_CPU.name)));

/** A zip function on Node and this CPU, unless it is told otherwise. */
export function zipFunction(stack: Stack, id: string, options: Partial<lambda.FunctionProps> = {}): lambda.Function {
  const code = lambda.Code.fromBucket(s3.Bucket.fromBucketName(stack, `${id}Code`, 'code'), 'orders.zip');
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    architecture: OWN_CPU,
    code,
    ...options,
  });
}

/** The resources of a type whose logical ids begin so. */
export function resourcesOf(template: Template, type: string, id = ''): Readonly<Record<string, Resource>> {
  const found = Object.entries(template.findResources(type)) as [string, Resource][];
  return Object.fromEntries(found.filter(([logicalId]) => logicalId.startsWith(id)));
}

/** The one resource of a type whose logical id begins so. */
export function resourceOf(template: Template, type: string, id = ''): Resource & { readonly logicalId: string } {
  const [found, ...others] = Object.entries(resourcesOf(template, type, id));
  if (!found || others.length > 0) throw new Error(`${type} ${id}: ${others.length + (found ? 1 : 0)} in the template`);
  return { logicalId: found[0], ...found[1] };
}

/** A statement in which order says nothing, as it says nothing to IAM. */
export function statement(actions: readonly string[], resources: readonly unknown[], condition?: unknown): Statement {
  const inOrder = resources.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { actions: actions.toSorted(), resources: inOrder, ...(condition !== undefined && { condition }) };
}

/** Every statement of the policies of the role whose logical id begins so, wherever the role itself is. */
export function statementsOf(template: Template, role: string): readonly Statement[] {
  const types = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
  const policies = types.flatMap((type) => Object.values(resourcesOf(template, type)));
  const isOfRole = ({ Properties: { Roles = [] } }: Resource) => new RegExp(`[":]${role}`).test(JSON.stringify(Roles));
  return policies.filter(isOfRole).flatMap(({ Properties }) =>
    // biome-ignore lint/suspicious/noExplicitAny: a template's properties have no type
    Properties.PolicyDocument.Statement.map(({ Action, Resource, Condition }: any) =>
      statement([Action].flat(), [Resource].flat(), Condition),
    ),
  );
}

/** What this work is refused with, as a fault of the configuration. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ name: 'MaintenanceWindow.Config' });
    return (error as Error).message;
  }
  return 'nothing was refused';
}
