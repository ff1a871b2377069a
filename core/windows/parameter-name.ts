/**
 * The path of a parameter, which its name and its ARN have in common: `arn:aws:ssm:eu-south-1:111122223333:parameter/team/windows`
 * and `/team/windows` are both `team/windows`. Two accounts may have the same one.
 */
export function parameterPath(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^/]*:parameter/, '').replace(/^\//, '');
}
