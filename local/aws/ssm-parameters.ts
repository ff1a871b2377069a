/** What a request to SSM says, and who makes it. */
export interface SsmRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly region: string;
  /** Whose access key signed it. */
  readonly user: string;
}

/** SSM's answer, or one of its errors. */
export type SsmAnswer = { readonly kind: 'answer'; readonly output: object } | SsmError;

interface SsmError {
  readonly kind: 'error';
  readonly code: string;
  readonly message: string;
}

/** The account of the Runtime Interface Emulator's functions. */
const ACCOUNT = '012345678912';
const MAX_NAMES = 10;
const MAX_VERSIONS = 100;
const MAX_LEVELS = 15;
const MAX_BYTES = { Standard: 4_096, Advanced: 8_192 } as const;
const NAME = /^[\w.\-/]{1,1011}$/;
/** With an ARN's front or without, with a version's number or label or without. */
const REFERENCE = /^(arn:[^/]*:parameter\/)?([^:]*)(?::(.*))?$/;
const TYPES = ['String', 'StringList', 'SecureString'] as const;

type Type = (typeof TYPES)[number];
type Tier = keyof typeof MAX_BYTES;

interface Version {
  readonly number: number;
  readonly type: Type;
  readonly value: string;
  readonly tier: Tier;
  readonly description?: string;
  readonly modifiedAt: number;
  readonly modifiedBy: string;
}

interface Found {
  readonly kind: 'found';
  readonly name: string;
  readonly selector: string | undefined;
  readonly version: Version;
}

/**
 * The parameters of one account, in memory, by SSM's own rules, limits and words.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html and its neighbours.
 *
 * Left out: labels, policies, tags, data types other than `text`, and KMS: a SecureString is withheld, not encrypted.
 */
export function createParameters(now: () => number = Date.now): (request: SsmRequest) => SsmAnswer {
  const parameters = new Map<string, readonly Version[]>();

  return (request) => {
    switch (request.operation) {
      case 'GetParameter':
        return getParameter(request);
      case 'GetParameters':
        return getParameters(request);
      case 'PutParameter':
        return putParameter(request);
      case 'GetParameterHistory':
        return getParameterHistory(request);
      case 'DeleteParameter':
        return deleteParameter(request);
      default:
        return error('UnknownOperationException');
    }
  };

  function getParameter({ input, region }: SsmRequest): SsmAnswer {
    const found = find(String(input['Name'] ?? ''));
    if (found.kind === 'error') return found;
    return answer({ Parameter: shown(found, region, input['WithDecryption'] === true) });
  }

  function getParameters({ input, region }: SsmRequest): SsmAnswer {
    const names = Array.isArray(input['Names']) ? input['Names'].map(String) : [];
    if (names.length === 0) return refused('names', names, 'Member must have length greater than or equal to 1');
    if (names.length > MAX_NAMES) {
      return refused('names', names, `Member must have length less than or equal to ${MAX_NAMES}`);
    }
    const decrypted = input['WithDecryption'] === true;
    const Parameters: object[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(names)) {
      const found = find(name);
      if (found.kind === 'found') Parameters.push(shown(found, region, decrypted));
      else InvalidParameters.push(name);
    }
    return answer({ Parameters, InvalidParameters });
  }

  function putParameter({ input, user }: SsmRequest): SsmAnswer {
    const name = String(input['Name'] ?? '');
    const value = String(input['Value'] ?? '');
    const versions = parameters.get(name) ?? [];
    const latest = versions.at(-1);
    const fault = faultOfName(name) ?? faultOfValue(value) ?? faultOfType(input['Type'], latest);
    if (fault) return fault;
    if (latest && input['Overwrite'] !== true) {
      const remedy = 'To overwrite this value, set the overwrite option in the request to true.';
      return error('ParameterAlreadyExists', `The parameter already exists. ${remedy}`);
    }
    const tier = tierOf(input['Tier'], value, latest);
    if (typeof tier !== 'string') return tier;
    const description = input['Description'];
    const version: Version = {
      number: (latest?.number ?? 0) + 1,
      type: latest?.type ?? (input['Type'] as Type),
      value,
      tier,
      ...(typeof description === 'string' && { description }),
      modifiedAt: now(),
      modifiedBy: `arn:aws:iam::${ACCOUNT}:user/${user}`,
    };
    parameters.set(name, [...versions, version].slice(-MAX_VERSIONS));
    return answer({ Version: version.number, Tier: tier });
  }

  /** Oldest first, 50 to a page. */
  function getParameterHistory({ input }: SsmRequest): SsmAnswer {
    const found = find(String(input['Name'] ?? ''));
    if (found.kind === 'error') return found;
    const versions = parameters.get(found.name) ?? [];
    const from = Number(input['NextToken'] ?? 0);
    const to = from + Number(input['MaxResults'] ?? 50);
    const Parameters = versions.slice(from, to).map((version) => ({
      Name: found.name,
      ...valueIn(version, input['WithDecryption'] === true),
      LastModifiedUser: version.modifiedBy,
      ...(version.description && { Description: version.description }),
      Tier: version.tier,
      Labels: [],
      Policies: [],
    }));
    return answer({ Parameters, ...(to < versions.length && { NextToken: String(to) }) });
  }

  function deleteParameter({ input }: SsmRequest): SsmAnswer {
    return parameters.delete(String(input['Name'])) ? answer({}) : error('ParameterNotFound');
  }

  function find(reference: string): Found | SsmError {
    const [, arn, path = '', selector] = REFERENCE.exec(reference) ?? [];
    // The ARN of `/team/windows` ends with `parameter/team/windows`, that of `windows` with `parameter/windows`.
    const name = arn && !parameters.has(path) ? `/${path}` : path;
    const versions = parameters.get(name);
    if (!versions) return error('ParameterNotFound');
    const version = selector === undefined ? versions.at(-1) : versions.find(({ number }) => `${number}` === selector);
    if (version) return { kind: 'found', name, selector, version };
    const message = `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`;
    return error('ParameterVersionNotFound', message);
  }
}

function shown({ name, selector, version }: Found, region: string, decrypted: boolean): object {
  return {
    Name: name,
    ...valueIn(version, decrypted),
    ARN: `arn:aws:ssm:${region}:${ACCOUNT}:parameter/${name.replace(/^\//, '')}`,
    ...(selector !== undefined && { Selector: `:${selector}` }),
  };
}

function valueIn({ type, value, number, modifiedAt }: Version, decrypted: boolean): object {
  return {
    Type: type,
    Value: type === 'SecureString' && !decrypted ? withheld(number) : value,
    Version: number,
    LastModifiedDate: modifiedAt / 1_000,
    DataType: 'text',
  };
}

/** In the place of a ciphertext. Nothing of the value is in it. */
function withheld(version: number): string {
  return Buffer.from(`SecureString, version ${version}, not decrypted`).toString('base64');
}

function faultOfName(name: string): SsmError | undefined {
  if (!NAME.test(name)) {
    return error('ValidationException', `Parameter name: can't be empty or hold other than a-zA-Z0-9_.-/ : "${name}"`);
  }
  if (/^\/?(?:aws|ssm)/i.test(name)) {
    return error('ValidationException', `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`);
  }
  if (name.includes('/') && !name.startsWith('/')) {
    return error('ValidationException', 'Parameter name must be a fully qualified name.');
  }
  if (name.split('/').length - 1 > MAX_LEVELS) {
    return error('HierarchyLevelLimitExceededException', `A parameter name can have ${MAX_LEVELS} levels at most.`);
  }
  return undefined;
}

function faultOfValue(value: string): SsmError | undefined {
  return value === '' ? refused('value', [], 'Member must have length greater than or equal to 1') : undefined;
}

function faultOfType(type: unknown, latest: Version | undefined): SsmError | undefined {
  if (type === undefined) {
    return latest
      ? undefined
      : error('ValidationException', 'A parameter type is required when you create a parameter.');
  }
  if (!TYPES.some((known) => known === type)) {
    return refused('type', [String(type)], `Member must satisfy enum value set: [${TYPES.join(', ')}]`);
  }
  if (latest && latest.type !== type) {
    return error('HierarchyTypeMismatchException', `The parameter is a ${latest.type}; its type can't be changed.`);
  }
  return undefined;
}

/** The tier that a put results in: a standard parameter may become an advanced one, and never the other way round. */
function tierOf(asked: unknown, value: string, latest: Version | undefined): Tier | SsmError {
  const bytes = Buffer.byteLength(value);
  const before = latest?.tier ?? 'Standard';
  const intelligent = asked === 'Intelligent-Tiering' && bytes > MAX_BYTES.Standard ? 'Advanced' : before;
  const tier = asked === 'Standard' || asked === 'Advanced' ? asked : intelligent;
  if (tier === 'Standard' && before === 'Advanced') {
    const reason = `You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.`;
    return error('ValidationException', `This parameter uses the advanced-parameter tier. ${reason}`);
  }
  if (bytes > MAX_BYTES[tier]) {
    const most = `${tier} tier parameters support a maximum parameter value of ${MAX_BYTES[tier]} characters.`;
    return error('ValidationException', most);
  }
  return tier;
}

function refused(field: string, value: readonly string[], constraint: string): SsmError {
  const message = `1 validation error detected: Value '[${value.join(', ')}]' at '${field}' failed to satisfy constraint: ${constraint}`;
  return error('ValidationException', message);
}

function answer(output: object): SsmAnswer {
  return { kind: 'answer', output };
}

function error(code: string, message = ''): SsmError {
  return { kind: 'error', code, message };
}
