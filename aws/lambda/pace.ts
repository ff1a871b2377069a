import { SETTINGS } from '../../core/gate/config.ts';
import type { Pace } from '../../core/gate/freshness.ts';
import type { FunctionFacts } from './functions.ts';

/** How soon a function follows an edit. */
export function paceOf({ environment, timeoutSeconds }: Pick<FunctionFacts, 'environment' | 'timeoutSeconds'>): Pace {
  const { name, default: byDefault, parse } = SETTINGS.ttlSeconds;
  const ttl = parse(environment[name] ?? byDefault);
  return { ttlSeconds: ttl.kind === 'value' ? ttl.value : Number(byDefault), timeoutSeconds };
}
