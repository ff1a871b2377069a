import { Aspects, type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IConstruct } from 'constructs';
import { missingWays } from './network-ways.ts';

/** What the warnings are acknowledged by: `Validations.of(fn).acknowledge({ id, reason })`. */
export const WARNINGS = {
  noFailureDestination: 'maintenance-window:no-failure-destination',
  noNetworkWay: 'maintenance-window:no-network-way',
} as const;

/**
 * Services that invoke asynchronously, as they stand in a permission: Lambda has accepted the event before the function
 * sees it. Source: Lambda developer guide, "Invoking Lambda with events from other AWS services".
 */
const ASYNCHRONOUS = /^"(codecommit|config|events|iot|lambda\.alarms\.cloudwatch|logs|s3|scheduler|ses|sns)\./;

/** Warns at synth, when the whole app is known, of what would cost events inside a window. Never about what cannot be seen. */
export function warnOf(fn: lambda.Function): void {
  Aspects.of(fn).add({
    visit(node) {
      if (node !== fn) return;
      warnOfLostEvents(fn);
      warnOfNetwork(fn);
    },
  });
}

function warnOfLostEvents(fn: lambda.Function): void {
  const seen = lookAround(fn);
  if (!seen.asynchronous || seen.failureDestination || resourceOf(fn).deadLetterConfig) return;
  Validations.of(fn).addWarning(
    WARNINGS.noFailureDestination,
    'is invoked asynchronously and has neither a dead-letter queue nor a failure destination: an event that cannot be ' +
      "stored inside a maintenance window, even after all of Lambda's tries, is lost; set deadLetterQueue or onFailure",
  );
}

function warnOfNetwork(fn: lambda.Function): void {
  const missing = missingWays(fn, resourceOf(fn).vpcConfig);
  if (missing.length === 0) return;
  Validations.of(fn).addWarning(
    WARNINGS.noNetworkWay,
    `is in subnets without a way out, and its VPC has no endpoint here for ${missing.join(' and ')}: inside a ` +
      'maintenance window it could not store events; add the endpoints, or acknowledge this if they are there already',
  );
}

/** What the app says about who invokes a function, and what becomes of events that fail. */
function lookAround(fn: lambda.Function): { readonly asynchronous: boolean; readonly failureDestination: boolean } {
  const nodes = fn.node.root.node.findAll();
  const names = [resourceOf(fn), ...nodes.filter((node) => isQualifierOf(node, fn))].map(nameInTemplate);
  const isOurs = (at: IConstruct, value: unknown) => names.some((name) => inTemplate(at, value).includes(name));
  let [asynchronous, failureDestination] = [false, false];
  for (const node of nodes) {
    if (node instanceof lambda.CfnPermission) {
      asynchronous ||= ASYNCHRONOUS.test(inTemplate(node, node.principal)) && isOurs(node, node.functionName);
    } else if (node instanceof CfnSchedule) {
      asynchronous ||= isOurs(node, node.target);
    } else if (node instanceof lambda.CfnEventInvokeConfig) {
      const { functionName, destinationConfig } = node;
      failureDestination ||= inTemplate(node, destinationConfig).includes('"onFailure"') && isOurs(node, functionName);
      // A function that is another one's destination: Lambda invokes it with that one's role, without a permission.
      asynchronous ||= isOurs(node, destinationConfig);
    }
  }
  return { asynchronous, failureDestination };
}

function isQualifierOf(node: IConstruct, fn: lambda.Function): node is lambda.CfnVersion | lambda.CfnAlias {
  const qualifies = node instanceof lambda.CfnVersion || node instanceof lambda.CfnAlias;
  return qualifies && inTemplate(node, node.functionName).includes(nameInTemplate(resourceOf(fn)));
}

/** What a `Ref` or `Fn::GetAtt` to a resource holds. */
function nameInTemplate(resource: CfnElement): string {
  return inTemplate(resource, resource.logicalId);
}

function inTemplate(at: IConstruct, value: unknown): string {
  return JSON.stringify(Stack.of(at).resolve(value)) ?? '';
}

function resourceOf(fn: lambda.Function): lambda.CfnFunction {
  return fn.node.defaultChild as lambda.CfnFunction;
}
