import { CfnResource, DefaultTokenResolver, Reference, Stack, StringConcat, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Whether a construct is a resource of a CloudFormation type. By the type's name, and never by `instanceof`: an app may have
 * several copies of aws-cdk-lib, each with classes of its own.
 */
export function isOfType<Resource extends CfnResource>(
  node: IConstruct | undefined,
  { CFN_RESOURCE_TYPE_NAME }: ResourceClass<Resource>,
): node is Resource {
  return node !== undefined && CfnResource.isCfnResource(node) && node.cfnResourceType === CFN_RESOURCE_TYPE_NAME;
}

/** A class of `aws-cdk-lib` for one type of resource. */
interface ResourceClass<Resource extends CfnResource> {
  readonly CFN_RESOURCE_TYPE_NAME: string;
  readonly prototype: Resource;
}

/** A value as it stands in the template, as text. Empty for what is not there. */
export function inTemplate(at: IConstruct, value: unknown): string {
  return JSON.stringify(Stack.of(at).resolve(value)) ?? '';
}

/** The resources that a value refers to, in whichever stack: two stacks may have resources of one logical id. */
export function targetsIn(at: IConstruct, value: unknown): ReadonlySet<IConstruct> {
  const resolver = new TargetCollector(new StringConcat());
  Tokenization.resolve(value, { scope: at, resolver, preparing: true });
  return resolver.targets;
}

class TargetCollector extends DefaultTokenResolver {
  readonly targets = new Set<IConstruct>();

  override resolveToken(...[token, ...rest]: Parameters<DefaultTokenResolver['resolveToken']>): unknown {
    if (Reference.isReference(token)) this.targets.add(token.target);
    return super.resolveToken(token, ...rest);
  }
}
