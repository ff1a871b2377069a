/**
 * Says what IAM would of a request: for the policies of one identity, Allow and Deny, with the conditions that this project
 * writes. Whatever else stands in a policy is an error here, never a guess.
 * Source: IAM user guide, "Policy evaluation logic", "IAM JSON policy elements: Condition operators", "Multivalued context keys".
 */

/** A statement, every value of it text. */
export interface IamStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** A request, as IAM sees it. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  /** What the service tells of it, by condition key: absent, one value, or several. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Whether the request is allowed: one statement allows it, and none denies it. */
export function isAllowed(statements: readonly IamStatement[], request: IamRequest): boolean {
  const about = statements.filter((statement) => isAbout(statement, request));
  return about.some(({ Effect }) => Effect === 'Allow') && !about.some(({ Effect }) => Effect === 'Deny');
}

function isAbout({ Action, Resource, Condition = {}, ...others }: IamStatement, request: IamRequest): boolean {
  const [unknown] = Object.keys(others).filter((name) => !['Effect', 'Sid'].includes(name));
  if (unknown) throw new Error(`${unknown} is not known here`);
  return (
    Action.some((pattern) => isLike(request.action.toLowerCase(), pattern.toLowerCase())) &&
    Resource.some((pattern) => isLike(request.resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, request.context[key] ?? [], wanted)),
    )
  );
}

function holds(operator: string, values: readonly string[], wanted: readonly string[]): boolean {
  const [, quantifier, comparison, ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (comparison === 'Null') return wanted.includes(String(values.length === 0));
  if (ifExists && values.length === 0) return true;
  const matches = (value: string) => wanted.some((pattern) => compare(comparison, value, pattern));
  if (quantifier === 'ForAllValues') return values.every(matches);
  return values.some(matches);
}

function compare(comparison: string | undefined, value: string, pattern: string): boolean {
  switch (comparison) {
    case 'StringEquals':
      return value === pattern;
    case 'StringLike':
      return isLike(value, pattern);
    default:
      throw new Error(`the operator ${comparison} is not known here`);
  }
}

/** `*` is any text, `?` one character. */
function isLike(value: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(value);
}

/** What a template's resources are called once they are made, by the beginnings of their logical ids. */
export type Names = Readonly<Record<string, { readonly ref: string; readonly arn?: string; readonly name?: string }>>;

/** A part of a template with CloudFormation's functions carried out, as far as policies need them. */
export function carriedOut(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((one) => carriedOut(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, given] = ['']] = entries;
  if (entries.length !== 1) return Object.fromEntries(entries.map(([key, one]) => [key, carriedOut(one, names)]));
  if (name === 'Ref') return named(given, names).ref;
  if (name === 'Fn::GetAtt' && given[1] === 'Arn') return named(given[0], names).arn;
  if (name === 'Fn::GetAtt' && given[1] === 'Name') return named(given[0], names).name;
  if (name === 'Fn::Join') return (carriedOut(given[1], names) as string[]).join(given[0]);
  if (name === 'Fn::Select') return (carriedOut(given[1], names) as string[])[Number(given[0])];
  if (name === 'Fn::Split') return String(carriedOut(given[1], names)).split(given[0]);
  if (name === 'Fn::Sub') return substituted(given, names);
  if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
  return { [name]: carriedOut(given, names) };
}

function substituted(text: string, names: Names): string {
  return text.replaceAll(/\$\{([\w:]+)(\.Arn)?\}/g, (_, id: string, arn?: string) => {
    const { ref, arn: itsArn = '' } = named(id, names) ?? { ref: '' };
    return arn ? itsArn : ref;
  });
}

function named(logicalId: string, names: Names): Names[string] {
  const found = Object.entries(names).find(([beginning]) => logicalId.startsWith(beginning));
  if (!found) throw new Error(`nobody says what ${logicalId} is called`);
  return found[1];
}

/** The statements of policy documents as IAM reads them: one value is a list of one. */
export function statementsIn(documents: readonly unknown[]): readonly IamStatement[] {
  return documents.flatMap((document) => (document as { Statement: Record<string, unknown>[] }).Statement).map(asLists);
}

function asLists({ Action, Resource, Condition = {}, ...others }: Record<string, unknown>): IamStatement {
  const lists = (record: object) => Object.fromEntries(Object.entries(record).map(([key, one]) => [key, [one].flat()]));
  const conditions = Object.entries(Condition as object).map(([operator, keys]) => [operator, lists(keys)]);
  return {
    ...others,
    Action: [Action].flat(),
    Resource: [Resource].flat(),
    Condition: Object.fromEntries(conditions),
  } as unknown as IamStatement;
}
