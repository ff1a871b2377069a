import { CfnResource, CloudFormationValidatePlugin, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { createApp } from '../stacks.ts';

/**
 * What CloudFormation's schemas, and the rules of cfn-lint that the CDK brings, say of each template file in JSON. Takes
 * seconds, whatever their number: ask of all at once.
 */
export function faultsIn(...files: readonly string[]): readonly (readonly string[])[] {
  const { violations } = new CloudFormationValidatePlugin().validate({
    templatePaths: [...files],
    stackTemplates: files.map((templatePath) => ({ templatePath, stackConstructPath: templatePath, ...ANYWHERE })),
    appConstruct: createApp(),
  });
  const faults = violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ templatePath, resourceLogicalId = '', locations }) => ({
      templatePath,
      text: `${ruleName} ${resourceLogicalId} ${locations}: ${description}`,
    })),
  );
  return files.map((file) =>
    faults.filter(({ templatePath, text }) => templatePath === file && !IS_GUARDED.test(text)).map(({ text }) => text),
  );
}

const ANYWHERE = { accountId: '123456789012', region: 'eu-south-1' };

/** The rule looks at the default of a parameter alone, and not at the condition that keeps an empty topic out. */
const IS_GUARDED = /^W1030 \w+ Properties\.AlarmActions\.0: .*'Ref': 'AlarmTopicArn'/;

/**
 * Includes a template, in JSON or YAML, in a stack of the CDK's, which refuses missing properties and wrong types.
 *
 * @returns the properties that the CDK does not know, and the template in JSON, which is synthesised when it is asked for
 */
export function included(templateFile: string): {
  readonly template: () => object;
  readonly unknown: readonly string[];
} {
  const app = createApp();
  const stack = new Stack(app, 'Included');
  new CfnInclude(stack, 'Template', { templateFile });
  const unknown = stack.node
    .findAll()
    .filter((one) => CfnResource.isCfnResource(one))
    .flatMap((resource) => {
      const { rawOverrides } = resource as unknown as { readonly rawOverrides: object };
      return Object.keys(rawOverrides).length > 0 ? [`${resource.node.id} ${JSON.stringify(rawOverrides)}`] : [];
    });
  return { template: () => app.synth().getStackByName('Included').template, unknown };
}
