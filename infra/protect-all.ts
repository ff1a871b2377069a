import { Aspects } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { warn } from './checks/warning.ts';
import { WARNINGS } from './checks/warnings.ts';
import type { IMaintenanceWindow, ProtectAllOptions } from './contract.ts';
import { isProtected } from './parts/protected-function.ts';
import { isOfType } from './parts/resources.ts';

/** Protects every image function of a scope as the synth meets it, so that it may be made after this call. */
export function protectAll(
  windows: IMaintenanceWindow & { readonly monitor?: lambda.Function },
  scope: IConstruct,
  { except = [], ...options }: ProtectAllOptions,
): void {
  const isMeant = (fn: lambda.Function) => fn !== windows.monitor && !except.includes(fn) && !isProtected(fn);
  Aspects.of(scope).add({
    visit(node) {
      if (node === scope) warnOfZips(scope, scope.node.findAll().filter(isFunction).filter(isMeant));
      if (isFunction(node) && isMeant(node) && isOfImage(node)) windows.protect(node, options);
    },
  });
}

/** By its form: an app may have several copies of aws-cdk-lib. Aliases, versions and imported functions have none of it. */
function isFunction(node: IConstruct): node is lambda.Function {
  return isOfType(node.node.defaultChild, lambda.CfnFunction) && 'runtime' in node && 'addEnvironment' in node;
}

function isOfImage({ runtime }: lambda.Function): boolean {
  return runtime.name === lambda.Runtime.FROM_IMAGE.name;
}

function warnOfZips(scope: IConstruct, functions: readonly lambda.Function[]): void {
  const zips = functions.filter((fn) => !isOfImage(fn)).map(({ node }) => node.path);
  if (zips.length === 0) return;
  warn(
    scope,
    WARNINGS.notProtected,
    `has functions that run AWS's own client, which knows no maintenance windows: ${zips.join(', ')}; deploy them from an ` +
      'image that holds this client, name them under except, or acknowledge this',
  );
}
