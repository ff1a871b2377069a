import type { InspectedFunction } from '../../aws/lambda/function-inspector.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type Config, readConfig } from '../../core/gate/config.ts';
import { mergePolicies, NO_POLICY, type Policy } from '../../core/sources/policy.ts';
import type { OperatorSettings } from '../access/operator.ts';
import type { ProtectionFacts, State } from './finding.ts';
import { isSameParameter, isSameTable } from './same-place.ts';
import { judgeZip } from './zip-function.ts';

/** What a function's settings say of its protection, with how bad that is. */
export interface Judgement {
  readonly state: State;
  readonly facts: ProtectionFacts;
}

/** Where windows and events should be, and what the parameters set for event sources, as far as that is known. */
export type Places = Pick<OperatorSettings, 'parameters' | 'table'> & { readonly policy?: Policy };

/** Entry points of AWS's base images, and of whoever starts AWS's client by its name. */
const OF_AWS = /(?:^|\/)lambda-entrypoint\.sh$|^aws-lambda-ric$/;
/** The client's folder, or a link to the file that it is started by. Source: docs/container.md. */
const OF_CLIENT = /(?:^|\/)maintenance-window\/|(?:^|\/)bootstrap$/;

/**
 * Judges by its settings whether a function is under these windows, and stores its events in this table. What is in its
 * image or layers, and what its role may do, Lambda does not tell. One judgement where all is well, else one for each fault.
 */
export function judgeProtection(fn: InspectedFunction, settings: Places): readonly Judgement[] {
  const zip = fn.packageType === 'Zip' ? judgeZip(fn) : undefined;
  if (zip?.state === 'problem') return [zip];
  const config = configOf(fn);
  const faults = [
    ...(zip ? [zip] : []),
    ...judgeEntryPoint(fn),
    ...(config.kind === 'bad' ? [config.judgement] : judgePlaces(config.config, settings)),
  ];
  if (faults.length > 0 || config.kind === 'bad') return faults;
  const { parameters, table, ttlSeconds, onError, policy: own } = config.config;
  const policy = mergePolicies([settings.policy ?? NO_POLICY, own]);
  return [{ state: 'ok', facts: { parameters, table, ttlSeconds, onError, policy } }];
}

function judgeEntryPoint({ entryPoint }: InspectedFunction): readonly Judgement[] {
  if (!entryPoint || entryPoint.some((word) => OF_CLIENT.test(word))) return [];
  return entryPoint.some((word) => OF_AWS.test(word))
    ? [{ state: 'problem', facts: { why: 'entry-point-of-aws', entryPoint } }]
    : [{ state: 'warning', facts: { why: 'other-entry-point', entryPoint } }];
}

type ReadSettings =
  | { readonly kind: 'good'; readonly config: Config }
  | { readonly kind: 'bad'; readonly judgement: Judgement };

/** The function's environment as the client reads it. */
function configOf({ environment }: InspectedFunction): ReadSettings {
  try {
    return { kind: 'good', config: readConfig(environment) };
  } catch (error) {
    if (!(error instanceof MaintenanceWindowError)) throw error;
    const message = error.message.replaceAll('\n', '; ');
    return { kind: 'bad', judgement: { state: 'problem', facts: { why: 'bad-settings', message } } };
  }
}

function judgePlaces(
  { parameters: reads, table: stores }: Config,
  { parameters, table }: Pick<OperatorSettings, 'parameters' | 'table'>,
): readonly Judgement[] {
  const missing = parameters.filter((name) => !reads.some((other) => isSameParameter(other, name)));
  const more = reads.filter((name) => !parameters.some((other) => isSameParameter(other, name)));
  const isFirstRead = !missing.includes(parameters[0] ?? '');
  const unread = { why: 'parameter-not-read', missing, reads } as const;
  return [
    // windows begin in the first one
    ...(missing.length > 0 ? [{ state: isFirstRead ? 'warning' : 'problem', facts: unread } as const] : []),
    ...(missing.length === 0 && more.length > 0
      ? [{ state: 'warning', facts: { why: 'more-parameters', more } } as const]
      : []),
    ...(isSameTable(stores, table)
      ? []
      : [{ state: 'problem', facts: { why: 'other-table', table: stores } } as const]),
  ];
}
