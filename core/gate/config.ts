import { MaintenanceWindowError } from '../errors.ts';
import { type Policy, parsePolicy } from '../sources/policy.ts';
import { faultOfLenience } from '../text/json-lenience.ts';
import { fault, type Parsed, parsed, quoted } from '../text/parsed.ts';
import { MAX_PARAMETERS } from '../windows/parameter-limits.ts';

/** Settings of the function's environment, read once during INIT. */
export interface Config {
  /** One to ten parameter names or ARNs, in order: a later one's policy wins. */
  readonly parameters: readonly string[];
  /** The deferred events table, name or ARN. */
  readonly table: string;
  /** How long a reading of the parameters is kept. */
  readonly ttlSeconds: number;
  /** Action while no window parameter could ever be read. */
  readonly onError: 'dispatch' | 'defer';
  /** The function's own policy, which overrides the parameters' key by key. */
  readonly policy: Policy;
}

/** One environment variable. `default` is text, and goes through `parse` like any other text. */
export interface Setting<Value> {
  readonly name: string;
  readonly default: string;
  /** Unit of the text, in words: `seconds`, `table name or ARN`. */
  readonly unit: string;
  readonly meaning: string;
  parse(text: string): Parsed<Value>;
}

/** The longest name that SSM takes, as an ARN: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MAX_NAME_LENGTH = 2048;
const NAME = /^[\w.\-/]+$/;
const PARAMETER_ARN = /^arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/[\w.\-/]+$/;
const VERSIONED = /^(?:arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/)?[\w.\-/]+:[\w.-]+$/;

const TABLE_NAME = /^[\w.-]{3,255}$/;
const TABLE_ARN = /^arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table\/[\w.-]{3,255}$/;

/** An hour: with more, a window that is opened in an emergency would come too late to be of use. */
export const MAX_TTL_SECONDS = 3600;

/** What names no wrapper. */
const NO_WRAPPER = 'none';

type Settings = { readonly [Key in keyof Config]: Setting<Config[Key]> } & {
  /** For `exec-wrapper`, which takes the variable away: the client never has one. */
  readonly execWrapper: Setting<string>;
  /** For the client for Node, which asks before any of this is loaded: `ric/native/fit.ts`. */
  readonly sockets: Setting<'native' | 'node'>;
};

/** Every variable of ours that a function's environment may hold. The README's table is tested against this one. */
export const SETTINGS: Settings = {
  parameters: {
    name: 'MAINTENANCE_WINDOW_PARAMETER',
    default: 'maintenance-window',
    unit: 'names or ARNs, commas between',
    meaning: 'The SSM parameters that hold the windows: one to ten, united; the policy of a later one wins.',
    parse: parseParameters,
  },
  table: {
    name: 'MAINTENANCE_WINDOW_TABLE',
    default: 'maintenance-window-events',
    unit: 'table name or ARN',
    meaning: 'The DynamoDB table that deferred events go to.',
    parse: (text) =>
      TABLE_NAME.test(text) || TABLE_ARN.test(text)
        ? parsed(text)
        : fault('write the name of a DynamoDB table (3 to 255 of a-z, A-Z, 0-9, "_", "-", ".") or its ARN'),
  },
  ttlSeconds: {
    name: 'MAINTENANCE_WINDOW_TTL',
    default: '60',
    unit: 'seconds',
    meaning: 'How long a reading of the parameters is kept, so how long an edit may take to be seen: 1 to 3600.',
    parse: (text) =>
      /^[1-9]\d{0,3}$/.test(text) && Number(text) <= MAX_TTL_SECONDS
        ? parsed(Number(text))
        : fault(`write a whole number of seconds from 1 to ${MAX_TTL_SECONDS}`),
  },
  onError: {
    name: 'MAINTENANCE_WINDOW_ON_ERROR',
    default: 'dispatch',
    unit: 'dispatch or defer',
    meaning: 'What to do while the windows are not known, because a parameter could not be read even once.',
    parse: (text) => (text === 'dispatch' || text === 'defer' ? parsed(text) : fault('write dispatch or defer')),
  },
  policy: {
    name: 'MAINTENANCE_WINDOW_POLICY',
    default: '{}',
    unit: 'JSON',
    meaning: 'What to do with each event source inside a window: overrides the policy of the parameters key by key.',
    parse: parsePolicyText,
  },
  execWrapper: {
    name: 'MAINTENANCE_WINDOW_EXEC_WRAPPER',
    default: NO_WRAPPER,
    unit: 'path',
    meaning:
      'For the layer and the proxy: the wrapper that runs next, as AWS_LAMBDA_EXEC_WRAPPER would name it without them.',
    parse: (text) =>
      text === NO_WRAPPER || /^\/./.test(text) ? parsed(text) : fault('write the path of a file, from the root on'),
  },
  sockets: {
    name: 'MAINTENANCE_WINDOW_SOCKETS',
    default: 'native',
    unit: 'native or node',
    meaning: 'For the client for Node: who makes the connections to AWS, its own native sockets or Node’s.',
    parse: (text) => (text === 'native' || text === 'node' ? parsed(text) : fault('write native or node')),
  },
};

const PREFIX = 'MAINTENANCE_WINDOW_';
/** Left to tests of functions, and never read. */
const TEST_PREFIX = 'MAINTENANCE_WINDOW_TEST_';
/** Read by the proxy and by the scripts that start a runtime, and by nobody else. */
const OF_STARTS = [
  'MAINTENANCE_WINDOW_PROXY_PORT',
  'MAINTENANCE_WINDOW_PROXY_STREAMING',
  'MAINTENANCE_WINDOW_PROXY_UPSTREAM',
];

/**
 * Reads the configuration from a function's environment.
 *
 * An empty text is a value like any other, and allowed nowhere: nothing falls back silently.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with every fault at once, one a line: the variable, its value, what is allowed
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.values(SETTINGS).map(({ name }) => name);
  const faults = Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(TEST_PREFIX))
    .filter((name) => !known.includes(name) && !OF_STARTS.includes(name))
    .map((name) => `${name} is no setting; the settings are ${known.join(', ')}`);
  const read = <Value>(setting: Setting<Value>): Value => {
    const text = environment[setting.name];
    const outcome = setting.parse(text ?? setting.default);
    if (outcome.kind === 'value') return outcome.value;
    faults.push(`${setting.name}: ${quoted(text ?? setting.default)} is not allowed; ${outcome.message}`);
    return undefined as Value;
  };
  const config: Config = {
    parameters: read(SETTINGS.parameters),
    table: read(SETTINGS.table),
    ttlSeconds: read(SETTINGS.ttlSeconds),
    onError: read(SETTINGS.onError),
    policy: read(SETTINGS.policy),
  };
  read(SETTINGS.execWrapper);
  read(SETTINGS.sockets);
  if (faults.length > 0) throw new MaintenanceWindowError('MaintenanceWindow.Config', faults.join('\n'));
  return config;
}

function parseParameters(text: string): Parsed<readonly string[]> {
  const names = text.split(',').map((name) => name.trim());
  if (names.length > MAX_PARAMETERS)
    return fault(`these are ${names.length} parameters; write one to ${MAX_PARAMETERS}`);
  for (const name of names) {
    if (name === '') return fault('a name is missing; write names or ARNs with one comma between two');
    if (name.length > MAX_NAME_LENGTH) return fault(`${quoted(name)} is longer than ${MAX_NAME_LENGTH} characters`);
    if (!NAME.test(name) && !PARAMETER_ARN.test(name)) return fault(faultOfName(name));
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? parsed(names) : fault(`${quoted(twice)} stands there twice`);
}

function faultOfName(name: string): string {
  return VERSIONED.test(name)
    ? `${quoted(name)} names one version or label, which never sees an edit; write it without ":${name.slice(name.lastIndexOf(':') + 1)}"`
    : `${quoted(name)} is neither a parameter’s name (a-z, A-Z, 0-9, "_", "-", ".", "/") nor its ARN`;
}

function parsePolicyText(text: string): Parsed<Policy> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return fault(`it is not JSON (${String(error)})`);
  }
  const outcome = parsePolicy(json, 'policy');
  if (outcome.kind === 'fault') return outcome;
  const lenience = faultOfLenience(text, 'policy');
  return lenience ? fault(lenience) : parsed(outcome.policy);
}
