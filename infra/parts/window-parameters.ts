import { ArnFormat, Names, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct, IConstruct } from 'constructs';
import { SETTINGS } from '../../core/gate/config.ts';
import { NO_POLICY, type Policy } from '../../core/sources/policy.ts';
import { ADVANCED_TIER_BYTES, MAX_PARAMETERS, whyNeverMade } from '../../core/windows/parameter-limits.ts';
import { refuse } from '../checks/fault.ts';
import { differencesOf, environmentIn, environmentOfArn, refuseOtherRegion } from '../checks/one-environment.ts';
import { warn } from '../checks/warning.ts';
import { outermost } from './inline-policy.ts';
import { type StackWindow, windowsText } from './stack-windows.ts';

/** A window parameter that exists already. */
type ExistingParameter = (
  | { readonly name: string }
  /** For a parameter that another account shares. */
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
  /** The name of the operator's parameter. Default: `/maintenance-window/` and the name of the stack. */
  readonly parameterName?: string;
  /** Parameters that exist already, in place of that one. The first one is where windows are begun. */
  readonly parameters?: readonly ExistingParameter[];
  /** Windows that belong to the stack. They live in a parameter of their own. */
  readonly windows?: readonly StackWindow[];
  /**
   * What is done with event sources, and what becomes of a backlog (`replay`), for all functions that read these windows. It
   * lives beside the stack's windows, in the words of the parameter's document form. Default: the operator's parameter says.
   */
  readonly policy?: Policy;
}

/** What the warning that two constructs share the operator's parameter is acknowledged by. */
export const SHARED_PARAMETER = 'maintenance-window:shared-parameter';

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
  const all = [first, ...others, ...(props.windows || props.policy ? [stackWindows(scope, props)] : [])] as const;
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
  if (!parameters)
    return [parameterName === undefined ? stacksParameter(scope) : named(scope, parameterName, 'parameterName')];
  if (parameterName === undefined) {
    return parameters.map((parameter, index) => existingParameter(scope, parameter, `parameters[${index}]`));
  }
  return refuse(scope, 'parameterName: names a parameter to be made, beside those that exist already; leave one out');
}

/**
 * The operator's parameter is named here, and never made: what CloudFormation makes it also writes again, with any change of
 * its tags or properties (https://github.com/aws/aws-cdk/issues/25949), with a new name, with a drift that is reverted; and
 * an open window would be gone. Functions take a parameter that does not exist for one without windows, and the operator's
 * tool makes it. The name is the stack's, so that a construct may be called otherwise while a window is open.
 */
function stacksParameter(scope: Construct): WindowParameter {
  const stack = Stack.of(scope);
  const parameter = named(scope, `/maintenance-window/${nameOf(stack)}`, 'parameterName');
  const others = scope.node.root.node.findAll().filter((node) => operatorsReference(node) === parameter.reference);
  const other = others.find((node) => node !== scope && maySee(Stack.of(node), stack));
  if (other) {
    warn(
      scope,
      SHARED_PARAMETER,
      `has its windows begun in ${parameter.reference}, as ${other.node.path} has, so that they begin for the functions of ` +
        'both; give each a parameterName, or acknowledge this',
    );
  }
  return parameter;
}

/** Two stacks of one name go to two accounts or regions: in one there is no room for them. */
function maySee(other: Stack, stack: Stack): boolean {
  const [one, two] = [outermost(other), outermost(stack)];
  if (one !== two && one.stackName === two.stackName) return false;
  return differencesOf(environmentIn(other), environmentIn(stack)).length === 0;
}

/** By its form: an app may have several copies of this construct. */
function operatorsReference(node: IConstruct): unknown {
  return 'parameter' in node ? (node.parameter as Partial<WindowParameter> | undefined)?.reference : undefined;
}

/** The name of a nested stack is known at deployment only; that of the one around it is not. */
function nameOf(stack: Stack): string {
  const { stackName, nestedStackParent: parent, node } = stack;
  if (!Token.isUnresolved(stackName)) return stackName;
  if (!parent) return Names.uniqueResourceName(stack, { separator: '-' });
  const place = node.path.slice(parent.node.path.length + 1);
  return `${nameOf(parent)}-${place.replace(/[^\w.-]/g, '-')}`;
}

/** Intelligent tiering: a parameter of the advanced tier can never be of the standard tier again. */
function stackWindows(
  scope: Construct,
  { windows = [], policy = NO_POLICY }: Pick<WindowParametersProps, 'windows' | 'policy'>,
): WindowParameter {
  const text = windowsText(scope, windows, policy);
  const bytes = Buffer.byteLength(text);
  if (bytes > ADVANCED_TIER_BYTES) {
    refuse(
      scope,
      `windows: take ${bytes} bytes as text${policy === NO_POLICY ? '' : ', with their policy'}; a parameter holds ${ADVANCED_TIER_BYTES}: shorten reasons, or use schedules`,
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
  if (!('arn' in parameter)) return { ...named(scope, parameter.name, `${place}.name`), ...key };
  const arn = checked(scope, parameter.arn, `${place}.arn`);
  refuseOtherRegion(scope, environmentOfArn(arn) ?? environmentIn(scope), `${place}.arn`);
  return { reference: arn, arn, owner: 'operator', ...key };
}

/**
 * ARN of a parameter. Exactly one slash follows `parameter`, so it has to be known whether the name begins with one.
 */
function named(scope: Construct, parameterName: string, place: string): WindowParameter {
  const name = checked(scope, parameterName, place);
  if (Token.isUnresolved(Tokenization.reverseString(name).firstValue)) {
    refuse(
      scope,
      `${place}: is known at deployment only, its beginning at least, which leaves its ARN open; begin it with text, such as ` +
        '"/", or give the arn instead, under parameters',
    );
  }
  const why = Token.isUnresolved(name) ? undefined : whyNeverMade(name);
  if (why !== undefined) refuse(scope, `${place}: ${JSON.stringify(name)} ${why}, so nobody could make it`);
  return { reference: name, arn: arnOf(scope, name), owner: 'operator' };
}

/** Name or ARN of a parameter, checked as the runtime's configuration does. */
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
