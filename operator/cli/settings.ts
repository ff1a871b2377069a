import { join } from 'node:path';
import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import { SETTINGS, type Setting } from '../../core/gate/config.ts';
import { type Parsed, quoted } from '../../core/text/parsed.ts';
import type { OperatorSettings } from '../access/operator.ts';
import { type Context, type Contexts, parseRegion, parseUrl } from '../contexts/context.ts';
import { contextFileOf, readContexts } from '../contexts/context-file.ts';
import type { Host } from './host.ts';
import { commandText } from './terminal/command-text.ts';

/** What holds for every command. */
export interface Settings extends OperatorSettings {
  readonly format: 'table' | 'json';
  /** Time zone that was asked for. */
  readonly timezone?: string;
  /** The context in use. */
  readonly context?: UsedContext;
  /** Where contexts stand. */
  readonly contextFile: string;
  /** Where each setting comes from. */
  readonly sources: Readonly<Record<SettingName, Source>>;
}

/** A context that a command works in. */
export interface UsedContext {
  readonly name: string;
  readonly isProduction: boolean;
  /** Named for this command, and not only the one in use. */
  readonly isNamed: boolean;
  /** What it says that an option or a variable says otherwise, by the names of these. */
  readonly overriddenBy: readonly string[];
}

const NAMES = ['parameter', 'table', 'profile', 'region', 'endpointUrl', 'context', 'timezone'] as const;
/** A setting, by the name of its option. */
export type SettingName = (typeof NAMES)[number];

/** Where a setting's text comes from. */
export type Source =
  | { readonly kind: 'option'; readonly name: string; readonly text: string }
  | { readonly kind: 'environment'; readonly name: string; readonly text: string }
  | { readonly kind: 'context'; readonly name: string; readonly text: string }
  /** The context that `context use` chose. */
  | { readonly kind: 'in-use'; readonly text: string }
  /** Nobody said it. */
  | { readonly kind: 'default' };

/** The options that every command takes, as commander reads them. */
export interface GlobalOptions {
  readonly parameter?: string;
  readonly table?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  /** False: none, whichever is in use or a variable names. */
  readonly context?: string | false;
  readonly output?: Settings['format'];
  /** Fields, commas between; true where none is named. */
  readonly json?: string | true;
  readonly jq?: string;
  readonly timezone?: string;
}

/** Variable that names the context of a command. */
export const CONTEXT_VARIABLE = 'MAINTENANCE_WINDOW_CONTEXT';

const ENDPOINT_VARIABLES = ['', '_SSM', '_DYNAMODB', '_LAMBDA', '_STS', '_CLOUDWATCH'].map(
  (service) => `AWS_ENDPOINT_URL${service}`,
);

/** Variables of each setting, in their order. */
const VARIABLES: Readonly<Record<SettingName, readonly string[]>> = {
  parameter: [SETTINGS.parameters.name],
  table: [SETTINGS.table.name],
  profile: ['AWS_PROFILE'],
  region: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  endpointUrl: ENDPOINT_VARIABLES,
  context: [CONTEXT_VARIABLE],
  timezone: ['TZ'],
};

/** Those that refuse an empty text, as the client in a function does. For the others it is as if it were not set. */
const REFUSES_EMPTY: readonly SettingName[] = ['parameter', 'table', 'context'];

/**
 * Settings from options, else from the environment, else from the context in use, else by default.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Usage` for an option, `MaintenanceWindow.Config` for a variable or a file that is
 *   not allowed, `MaintenanceWindow.NotFound` for a context that is none
 */
export function readSettings(options: GlobalOptions, environment: Host['environment']): Settings {
  for (const option of ['profile', 'region'] as const) refuseEmpty(option, options[option]);
  if (options.endpointUrl !== undefined)
    checked('--endpoint-url', 'MaintenanceWindow.Usage', options.endpointUrl, parseUrl);
  else refuseNoUrls(environment);
  const contextFile = contextFileOf(environment);
  const context =
    options.context === false ? undefined : contextFrom(readContexts(contextFile), options.context, environment);
  const sources = sourcesFrom(options, environment, context);
  const [profile, region] = [textOf(sources.profile), regionFrom(sources.region)];
  const endpoint = sources.endpointUrl.kind === 'environment' ? undefined : textOf(sources.endpointUrl);
  const callerUrl = callerUrlFrom(environment, endpoint);
  const { name, isNamed, is } = context ?? {};
  return {
    parameters: parsedFrom('parameter', sources.parameter, SETTINGS.parameters),
    table: parsedFrom('table', sources.table, SETTINGS.table),
    format: options.output ?? (options.json === undefined && options.jq === undefined ? 'table' : 'json'),
    ...(options.timezone !== undefined && { timezone: options.timezone }),
    access: {
      ...(profile && { profile }),
      ...(region && { region }),
      ...(endpoint && { endpoint }),
      ...(callerUrl && { callerUrl }),
      profileFiles: profileFilesFrom(environment),
    },
    ...(name !== undefined && {
      context: {
        name,
        isNamed: isNamed === true,
        isProduction: is?.production === true,
        overriddenBy: overridesOf(is ?? {}, sources),
      },
    }),
    contextFile,
    sources,
  };
}

interface ChosenContext {
  readonly name: string;
  readonly isNamed: boolean;
  readonly is: Context;
  readonly source: Source;
}

/** The context that was named for this command, else the one in use. */
function contextFrom(
  { current, contexts }: Contexts,
  option: string | undefined,
  environment: Host['environment'],
): ChosenContext | undefined {
  const variable = environment[CONTEXT_VARIABLE];
  const named = option ?? variable;
  const name = named ?? current;
  if (name === undefined) return undefined;
  const is = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (is === undefined) {
    const place = option === undefined ? CONTEXT_VARIABLE : '--context';
    const known = Object.keys(contexts);
    const those = known.length > 0 ? `there are ${known.join(', ')}` : 'there is none yet';
    throw new MaintenanceWindowError(
      'MaintenanceWindow.NotFound',
      `${place}: there is no context ${quoted(name)}; ${those}, and one is made by  ${commandText(['context', 'add'])}`,
    );
  }
  const source: Source =
    option !== undefined
      ? { kind: 'option', name: '--context', text: name }
      : variable !== undefined
        ? { kind: 'environment', name: CONTEXT_VARIABLE, text: name }
        : { kind: 'in-use', text: name };
  return { name, isNamed: named !== undefined, is, source };
}

function sourcesFrom(
  options: GlobalOptions,
  environment: Host['environment'],
  context: ChosenContext | undefined,
): Settings['sources'] {
  const source = (setting: Exclude<SettingName, 'context'>): Source => {
    const option = options[setting];
    if (option !== undefined) return { kind: 'option', name: optionOf(setting), text: option };
    for (const name of VARIABLES[setting]) {
      const text = environment[name];
      if (text || (text !== undefined && REFUSES_EMPTY.includes(setting))) return { kind: 'environment', name, text };
    }
    const text = setting === 'timezone' ? undefined : context?.is[setting];
    return context && text !== undefined ? { kind: 'context', name: context.name, text } : { kind: 'default' };
  };
  return {
    parameter: source('parameter'),
    table: source('table'),
    profile: source('profile'),
    region: source('region'),
    endpointUrl: source('endpointUrl'),
    context: context?.source ?? { kind: 'default' },
    timezone: source('timezone'),
  };
}

function overridesOf(context: Context, sources: Settings['sources']): readonly string[] {
  return NAMES.flatMap((setting) => {
    const source = sources[setting];
    const said = setting === 'context' || setting === 'timezone' ? undefined : context[setting];
    const isOther = source.kind === 'option' || source.kind === 'environment';
    return said !== undefined && isOther && source.text !== said ? [source.name] : [];
  });
}

/** The option of a setting: `--endpoint-url`. */
export function optionOf(setting: SettingName): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function textOf(source: Source): string | undefined {
  return source.kind === 'default' ? undefined : source.text;
}

function parsedFrom<Value>(name: SettingName, source: Source, { default: byDefault, parse }: Setting<Value>): Value {
  const [place, code]: [string, FaultCode] =
    source.kind === 'environment'
      ? [source.name, 'MaintenanceWindow.Config']
      : [optionOf(name), 'MaintenanceWindow.Usage'];
  return checked(place, code, textOf(source) ?? byDefault, parse, 'is not allowed; ');
}

function checked<Value>(
  place: string,
  code: FaultCode,
  text: string,
  parse: (text: string) => Parsed<Value>,
  because = '',
): Value {
  const value = parse(text);
  if (value.kind === 'value') return value.value;
  throw new MaintenanceWindowError(code, `${place}: ${quoted(text)} ${because}${value.message}`);
}

/** Commands that ask nothing of AWS take it into what they print. */
function regionFrom(source: Source): string | undefined {
  const text = textOf(source);
  if (text === undefined || source.kind === 'context') return text;
  const isVariable = source.kind === 'environment';
  const code = isVariable ? 'MaintenanceWindow.Config' : 'MaintenanceWindow.Usage';
  return checked(isVariable ? source.name : '--region', code, text, parseRegion);
}

/**
 * Refuses an empty value: `--profile "$PRODUCTION"` of an unset variable would go to another account than was meant.
 */
function refuseEmpty(option: 'profile' | 'region', text: string | undefined): void {
  if (text === undefined || text.trim() !== '') return;
  throw new MaintenanceWindowError('MaintenanceWindow.Usage', `--${option} names nothing: name one, or leave it out`);
}

function refuseNoUrls(environment: Host['environment']): void {
  if (ignoresUrls(environment)) return;
  for (const name of ENDPOINT_VARIABLES) {
    const text = environment[name];
    if (text) checked(name, 'MaintenanceWindow.Config', text, parseUrl);
  }
}

function ignoresUrls(environment: Host['environment']): boolean {
  return environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
}

/** Where STS is asked, if a place was named for it or for every service. */
function callerUrlFrom(environment: Host['environment'], endpoint: string | undefined): string | undefined {
  if (endpoint !== undefined || ignoresUrls(environment)) return endpoint;
  return environment['AWS_ENDPOINT_URL_STS'] || environment['AWS_ENDPOINT_URL'];
}

/** Source: AWS SDKs and Tools reference guide, "Location of the shared config and credentials files". */
function profileFilesFrom(environment: Host['environment']): readonly string[] {
  const home = join(environment['HOME'] ?? '/', '.aws');
  return [
    environment['AWS_CONFIG_FILE'] || join(home, 'config'),
    environment['AWS_SHARED_CREDENTIALS_FILE'] || join(home, 'credentials'),
  ];
}
