import { Aspects } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { carrierOf, whyNoGate } from './checks/carriers.ts';
import { warn } from './checks/warning.ts';
import { WARNINGS } from './checks/warnings.ts';
import type { IMaintenanceWindow, ProtectAllOptions, ProtectOptions } from './contract.ts';
import { isMonitor, isProtected } from './parts/protected-function.ts';
import { isOfType } from './parts/resources.ts';

/**
 * Protects every function of a scope that can have the gate, as the synth meets it, so that it may be made after this call.
 * What is said of a bootstrap is for those functions that have one.
 */
export function protectAll(
  windows: IMaintenanceWindow,
  scope: IConstruct,
  { except = [], bootstrap, ...others }: ProtectAllOptions,
): void {
  const optionsOf = (fn: lambda.Function): ProtectOptions =>
    bootstrap && carrierOf(fn) === 'bootstrap' ? { ...others, bootstrap } : others;
  const canBe = (fn: lambda.Function) => !isOfTheCdk(fn) && whyNoGate(fn, optionsOf(fn).bootstrap) === undefined;
  const isMeant = (fn: lambda.Function) => !isMonitor(fn) && !except.includes(fn) && !isProtected(fn);
  Aspects.of(scope).add({
    visit(node) {
      if (node === scope) {
        const meant = scope.node.findAll().filter(isFunction).filter(isMeant);
        warnOfOthers(
          scope,
          meant.filter((fn) => !canBe(fn)),
        );
      }
      if (isFunction(node) && isMeant(node) && canBe(node)) windows.protect(node, optionsOf(node));
    },
  });
}

/** By its form: an app may have several copies of aws-cdk-lib. Aliases, versions and imported functions have none of it. */
function isFunction(node: IConstruct): node is lambda.Function {
  return isOfType(node.node.defaultChild, lambda.CfnFunction) && 'runtime' in node && 'addEnvironment' in node;
}

/**
 * Zip functions of custom resources that the CDK makes, of its providers, its singletons and its nested stacks: CloudFormation
 * waits for their answer, so that a deployment inside a window would fail.
 */
function isOfTheCdk(fn: lambda.Function): boolean {
  const { id, path } = fn.node;
  return carrierOf(fn) !== 'image' && (OF_PROVIDERS.test(id) || OF_SINGLETONS.test(id) || OF_NESTED_STACKS.test(path));
}

const OF_PROVIDERS = /^framework-(?:onEvent|isComplete|onTimeout)$/;
/** Their ids have a UUID, and some what tells two of a kind apart behind it, such as `512MiB`. */
const OF_SINGLETONS = /[0-9a-f]{32}/i;
/** Such as `@aws-cdk--aws-eks.KubectlProvider`. */
const OF_NESTED_STACKS = /(?:^|\/)@aws-cdk--/;

function warnOfOthers(scope: IConstruct, others: readonly lambda.Function[]): void {
  if (others.length === 0) return;
  warn(
    scope,
    WARNINGS.notProtected,
    `has functions that know no maintenance windows: ${others.map(({ node }) => node.path).join(', ')}; the layers are for Node 22 ` +
      "and later, Python, Java, .NET and Ruby, and with { bootstrap: 'prepared' } for provided.*; functions of custom resources " +
      'that the CDK makes are passed over; name them under except, or acknowledge this',
  );
}
