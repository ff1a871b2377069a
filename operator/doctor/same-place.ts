import { parameterPath } from '../../core/windows/parameter-name.ts';

/** Whether two names or ARNs are those of one parameter. A name and an ARN are believed to be of one account and region. */
export function isSameParameter(one: string, other: string): boolean {
  return isArn(one) && isArn(other) ? one === other : parameterPath(one) === parameterPath(other);
}

/** The same of tables. */
export function isSameTable(one: string, other: string): boolean {
  return isArn(one) && isArn(other) ? one === other : tableName(one) === tableName(other);
}

function tableName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^/]*:table\//, '');
}

function isArn(text: string): boolean {
  return text.startsWith('arn:');
}
