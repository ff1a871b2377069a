import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS, type Setting } from '../../core/gate/config.ts';
import { quoted } from '../../core/text/parsed.ts';
import type { OperatorSettings } from '../access/operator.ts';
import type { Host } from './host.ts';

/** What holds for every command. */
export interface Settings extends OperatorSettings {
  readonly format: 'table' | 'json';
}

/** The options that every command takes, as commander reads them. */
export interface GlobalOptions {
  readonly parameter?: string;
  readonly table?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly output?: Settings['format'];
}

/**
 * Settings from options, else from the environment, else by default.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for an option, `MaintenanceWindow.Config` for a variable that is not allowed
 */
export function readSettings(options: GlobalOptions, environment: Host['environment']): Settings {
  const region = options.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION']);
  const { profile, endpointUrl: endpoint } = options;
  for (const option of ['profile', 'region'] as const) refuseEmpty(option, options[option]);
  if (endpoint !== undefined) refuseNoUrl('MaintenanceWindow.Usage', '--endpoint-url', endpoint);
  else refuseNoUrls(environment);
  return {
    parameters: read('--parameter', options.parameter, SETTINGS.parameters, environment),
    table: read('--table', options.table, SETTINGS.table, environment),
    format: options.output ?? 'table',
    access: { ...(profile && { profile }), ...(region && { region }), ...(endpoint && { endpoint }) },
  };
}

function read<Value>(
  option: string,
  given: string | undefined,
  { name, default: byDefault, parse }: Setting<Value>,
  environment: Host['environment'],
): Value {
  const text = given ?? environment[name] ?? byDefault;
  const value = parse(text);
  if (value.kind === 'value') return value.value;
  const [code, place]: [FaultCode, string] =
    given === undefined ? ['MaintenanceWindow.Config', name] : ['MaintenanceWindow.Usage', option];
  throw new MaintenanceWindowError(code, `${place}: ${quoted(text)} is not allowed; ${value.message}`);
}

/**
 * Refuses an empty value: `--profile "$PRODUCTION"` of an unset variable would go to another account than was meant.
 */
function refuseEmpty(option: 'profile' | 'region', text: string | undefined): void {
  if (text === undefined || text.trim() !== '') return;
  throw new MaintenanceWindowError('MaintenanceWindow.Usage', `--${option} names nothing: name one, or leave it out`);
}

/** The SDK makes what it can of a text without `http://`, and dies of it. */
function refuseNoUrls(environment: Host['environment']): void {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return;
  for (const name of ENDPOINT_VARIABLES) {
    const text = environment[name];
    if (text) refuseNoUrl('MaintenanceWindow.Config', name, text);
  }
}

const ENDPOINT_VARIABLES = ['', '_SSM', '_DYNAMODB', '_LAMBDA'].map((service) => `AWS_ENDPOINT_URL${service}`);

function refuseNoUrl(code: FaultCode, place: string, text: string): void {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return;
  throw new MaintenanceWindowError(
    code,
    `${place}: ${quoted(text)} is no URL; write one such as http://localhost:4566`,
  );
}
