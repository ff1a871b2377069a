import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { SETTINGS } from '../gate/config.ts';
import { refuse } from './fault.ts';
import { type StackWindow, windowsText } from './stack-windows.ts';

/** A window parameter that exists already. */
type ExistingParameter = (
  | { readonly name: string }
  /** For a parameter that another account shares, and for one that the same app makes. */
  | { readonly arn: string }
) & {
  /** The customer managed key of a SecureString. None for `alias/aws/ssm`, and for what is not encrypted. */
  readonly encryptionKey?: kms.IKey;
};

/** One of the parameters whose windows are united. */
export interface WindowParameter {
  /** What functions and the operator's tool call it: its name, or its ARN. */
  readonly reference: string;
  readonly arn: string;
  /** Who edits it. What the stack owns, a deployment writes; what the operator owns, none ever does. */
  readonly owner: 'operator' | 'stack';
  readonly encryptionKey?: kms.IKey;
}

/** What can be chosen about the window parameters. */
export interface WindowParametersProps {
  /** The name of the operator's parameter. Default: generated. */
  readonly parameterName?: string;
  /** Parameters that exist already, instead of one that the stack makes. The first one is where windows are begun. */
  readonly parameters?: readonly ExistingParameter[];
  /** Windows that belong to the stack. They live in a parameter of their own. */
  readonly windows?: readonly StackWindow[];
}

/** What the operator's parameter says until an operator edits it. A change here would overwrite open windows: never. */
const FIRST_TEXT = '{"version":1,"windows":[]}';
/** Source: AWS Systems Manager API reference, "PutParameter", Value, of the advanced tier. */
const MAX_TEXT_BYTES = 8 * 1024;
/** As many as one call reads. */
const MAX_PARAMETERS = 10;

/**
 * The window parameters in the order in which functions read them: the operator's first, because the operator's tool
 * edits the first one, and the stack's last.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` for a window, a name or a number of parameters that is not allowed
 */
export function createWindowParameters(
  scope: Construct,
  props: WindowParametersProps,
): readonly [WindowParameter, ...WindowParameter[]] {
  const [first, ...others] = operatorsParameters(scope, props);
  if (!first) return refuse(scope, 'parameters: names none; leave it out to have one made');
  const all = [first, ...others, ...(props.windows ? [stackWindows(scope, props.windows)] : [])] as const;
  const names = all.map(({ reference }) => reference);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(scope, `parameters: ${JSON.stringify(twice)} stands there twice`);
  if (all.length <= MAX_PARAMETERS) return all;
  return refuse(
    scope,
    `parameters: these are ${all.length}, the stack's own included; write ${MAX_PARAMETERS} at most`,
  );
}

function operatorsParameters(scope: Construct, props: WindowParametersProps): readonly WindowParameter[] {
  const { parameterName, parameters } = props;
  if (!parameters) return [ownParameter(scope, parameterName)];
  if (parameterName === undefined) {
    return parameters.map((parameter, index) => existingParameter(scope, parameter, `parameters[${index}]`));
  }
  return refuse(scope, 'parameterName: names a parameter to be made, beside those that exist already; leave one out');
}

/**
 * CloudFormation writes the value of a parameter again whenever *anything* about it changes in the template, its tags
 * included (https://github.com/aws/aws-cdk/issues/25949). So nothing here depends on any setting, and no tag gets in.
 */
function ownParameter(scope: Construct, parameterName: string | undefined): WindowParameter {
  const parameter = new ssm.StringParameter(scope, 'Parameter', {
    stringValue: FIRST_TEXT,
    description: 'Maintenance windows of the operator. Edited by hand, never by a deployment.',
    ...(parameterName !== undefined && { parameterName: checked(scope, parameterName, 'parameterName') }),
  });
  (parameter.node.defaultChild as ssm.CfnParameter).addPropertyDeletionOverride('Tags');
  return { reference: parameter.parameterName, arn: parameter.parameterArn, owner: 'operator' };
}

/** Intelligent tiering, because what has once been of the advanced tier cannot be of the standard tier again. */
function stackWindows(scope: Construct, windows: readonly StackWindow[]): WindowParameter {
  const text = windowsText(scope, windows);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEXT_BYTES) {
    refuse(
      scope,
      `windows: take ${bytes} bytes as text; a parameter holds ${MAX_TEXT_BYTES}: shorten reasons, or use schedules`,
    );
  }
  const parameter = new ssm.StringParameter(scope, 'StackWindows', {
    stringValue: text,
    description: 'Maintenance windows that belong to the stack. Every deployment overwrites what is edited here.',
    tier: ssm.ParameterTier.INTELLIGENT_TIERING,
  });
  return { reference: parameter.parameterName, arn: parameter.parameterArn, owner: 'stack' };
}

function existingParameter(scope: Construct, parameter: ExistingParameter, place: string): WindowParameter {
  const key = parameter.encryptionKey && { encryptionKey: parameter.encryptionKey };
  if ('arn' in parameter) {
    const arn = checked(scope, parameter.arn, `${place}.arn`);
    return { reference: arn, arn, owner: 'operator', ...key };
  }
  const name = checked(scope, parameter.name, `${place}.name`);
  if (Token.isUnresolved(name)) {
    refuse(scope, `${place}.name: is known at deployment only, which leaves its ARN open; give the arn instead`);
  }
  return { reference: name, arn: arnOf(scope, name), owner: 'operator', ...key };
}

/** What the runtime's configuration takes too, and is the one of name and ARN that the place asks for. */
function checked(scope: Construct, reference: string, place: string): string {
  if (Token.isUnresolved(reference)) return reference;
  const wanted = place.endsWith('arn') ? 'ARN' : 'name';
  const parsed = SETTINGS.parameters.parse(reference);
  if (parsed.kind === 'fault') return refuse(scope, `${place}: ${JSON.stringify(reference)} ${parsed.message}`);
  if (parsed.value.length === 1 && reference.startsWith('arn:') === (wanted === 'ARN')) return reference;
  return refuse(
    scope,
    `${place}: ${JSON.stringify(reference)} is not one ${wanted}; write the ${wanted} of one parameter`,
  );
}

function arnOf(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: name.replace(/^\//, ''),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
