import { SETTINGS } from '../../../core/gate/config.ts';
import { CONTEXT_VARIABLE } from '../settings.ts';
import { PAGER_VARIABLE } from '../terminal/pager.ts';

/** Every variable that the tool itself reads, and what it says. `docs/cli.md` has this table. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  [SETTINGS.parameters.name, 'window parameters, as --parameter'],
  [SETTINGS.table.name, 'deferred events table, as --table'],
  [CONTEXT_VARIABLE, 'context to work in, as --context'],
  ['AWS_PROFILE', 'profile of AWS’s configuration, as --profile'],
  ['AWS_REGION', 'AWS region, as --region'],
  ['AWS_DEFAULT_REGION', 'the same where AWS_REGION is not set'],
  ['AWS_ENDPOINT_URL', 'one endpoint for all of AWS, as --endpoint-url'],
  ['AWS_ENDPOINT_URL_SSM', 'endpoint of that service alone; also …_DYNAMODB, …_LAMBDA, …_STS and …_CLOUDWATCH'],
  ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true: no variable and no profile names an endpoint'],
  ['AWS_CONFIG_FILE', 'AWS’s configuration (default ~/.aws/config)'],
  ['AWS_SHARED_CREDENTIALS_FILE', 'AWS’s credentials (default ~/.aws/credentials)'],
  ['TZ', 'zone of the times that are typed and shown, as --timezone'],
  ['XDG_CONFIG_HOME', 'folder of maintenance-window/contexts.json (default ~/.config; on Windows APPDATA)'],
  [PAGER_VARIABLE, 'program that shows what is longer than the terminal; cat, or empty: none'],
  ['PAGER', 'the same where that is not set (default less, with LESS=FRX)'],
  ['TERM', 'dumb: no pager, and no colours'],
  ['NO_COLOR', 'set and not empty: no colours'],
  ['FORCE_COLOR', '1: colours in a pipe, too; 0: none'],
];
