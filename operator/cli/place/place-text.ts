import { shown } from '../../../core/text/shown.ts';
import type { Whereabouts } from '../../access/caller.ts';
import type { Settings, UsedContext } from '../settings.ts';

/** What a command that changes something is about. */
export interface Change {
  /** Window parameters that it is about; absent: all that are named. */
  readonly parameter?: string | undefined;
  /** Nobody wants to be asked. */
  readonly yes?: boolean | undefined;
}

/** Where a command is about to change something, on one line. */
export function placeText(settings: Settings, where: Whereabouts, { parameter, yes }: Change): string {
  const { context, parameters, table } = settings;
  return shown(
    [
      ...(context ? [`context ${context.name}${markText(context.isProduction, yes)}`, ...overriddenText(context)] : []),
      `account ${accountText(where)}`,
      `region ${where.region}`,
      ...(where.endpoint === undefined ? [] : [`endpoint ${where.endpoint}`]),
      `parameter ${parameter ?? parameters.join(',')}`,
      `table ${table}`,
    ].join(', '),
  );
}

/** `111122223333 (acme-prod)`. */
export function accountText({ account, alias }: Pick<Whereabouts, 'account' | 'alias'>): string {
  return `${account ?? 'not known'}${alias === undefined ? '' : ` (${alias})`}`;
}

function markText(isProduction: boolean, yes: boolean | undefined): string {
  if (!isProduction) return '';
  return yes ? ' (production, --yes)' : ' (production)';
}

/** `but for AWS_REGION`. */
function overriddenText({ overriddenBy }: UsedContext): readonly string[] {
  return overriddenBy.length === 0 ? [] : [`but for ${overriddenBy.join(', ')}`];
}
