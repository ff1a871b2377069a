/**
 * The short name of whoever an ARN names: a user, `root`, or who took a role, with the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
 */
export function callerText(arn: string | undefined): string {
  if (arn === undefined) return 'somebody';
  const resource = arn.split(':').slice(5).join(':');
  const [kind, ...path] = resource.split('/');
  const name = path.at(-1);
  if (name === undefined || name === '') return resource === '' ? arn : resource;
  return kind === 'assumed-role' ? `${name} (${path.slice(0, -1).join('/')})` : name;
}
