import { Stack } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { MAX_TTL_SECONDS, readConfig, SETTINGS } from '../../core/gate/config.ts';
import { refuse } from '../checks/fault.ts';
import type { Grounds } from './permissions.ts';
import { functionResource } from './protected-function.ts';

/** Of all variables together, as JSON. Source: Lambda developer guide, "Lambda quotas", and what the service says it measured. */
const MAX_ENVIRONMENT_BYTES = 4 * 1024;

/** Where the windows and the events are, as the runtime's configuration has it. */
export function environmentOf({ parameters, table }: Grounds): Record<string, string> {
  return {
    [SETTINGS.parameters.name]: parameters.map(({ reference }) => reference).join(','),
    [SETTINGS.table.name]: table.reference,
  };
}

/** How long environments of a function keep a reading of the windows; the longest there is where only a deployment knows. */
export function ttlSecondsOf(fn: lambda.Function): number {
  const { name, parse, default: text } = SETTINGS.ttlSeconds;
  const value: unknown = variablesOf(fn)[name] ?? text;
  const ttl = typeof value === 'string' ? parse(value) : undefined;
  return ttl?.kind === 'value' ? ttl.value : MAX_TTL_SECONDS;
}

function variablesOf(fn: lambda.Function): Readonly<Record<string, unknown>> {
  return Stack.of(fn).resolve(functionResource(fn).environment)?.variables ?? {};
}

/**
 * Refuses an environment with which the function would not start, whoever set it: settings that the client refuses, and more
 * than Lambda takes. What is known at deployment only is not looked at.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with every setting that is not allowed; with the size of the whole,
 * and of the largest variable
 */
export function refuseBadEnvironment(fn: lambda.Function): void {
  const known = Object.entries(variablesOf(fn)).map(
    ([name, value]) => [name, typeof value === 'string' ? value : ''] as const,
  );
  refuseBadSettings(fn, Object.fromEntries(known.filter(([, value]) => value !== '')));
  const bytes = bytesOf(Object.fromEntries(known));
  if (bytes <= MAX_ENVIRONMENT_BYTES) return;
  const [largest] = known.toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a));
  const [name, value] = largest ?? ['', ''];
  const remedy = name === SETTINGS.policy.name ? 'write the policy into the window parameter' : 'shorten that one';
  refuse(
    fn,
    `its environment takes ${bytes} bytes as JSON, ${bytesOf(value)} of them ${name}; Lambda takes ${MAX_ENVIRONMENT_BYTES}: ${remedy}`,
  );
}

/**
 * Refuses what the client would refuse, in its own words.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with every fault
 */
export function refuseBadSettings(fn: lambda.Function, environment: Readonly<Record<string, string>>): void {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof MaintenanceWindowError) refuse(fn, error.message);
    throw error;
  }
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
