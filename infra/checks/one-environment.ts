import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from './fault.ts';

/** An account and a region. Tokens where a stack leaves them open. */
export interface Environment {
  readonly account: string;
  readonly region: string;
}

/** Where a construct is deployed to. */
export function environmentIn(scope: IConstruct): Environment {
  const { account, region } = Stack.of(scope);
  return { account, region };
}

/**
 * In what two environments are not the same: one, the other, or both of `account` and `region`. Two that are both left open
 * are taken for the same, as the CDK does; one that is left open and one that is not are different.
 */
export function differencesOf(one: Environment, other: Environment): readonly (keyof Environment)[] {
  return (['account', 'region'] as const).filter((key) => {
    const [a, b] = [one[key], other[key]];
    return !(a === b || (Token.isUnresolved(a) && Token.isUnresolved(b)));
  });
}

/** In words: `account 111122223333 and region eu-south-1`. */
export function environmentText({ account, region }: Environment): string {
  const shown = (name: string, value: string) =>
    Token.isUnresolved(value) ? `whatever ${name} it is deployed to` : `${name} ${value}`;
  return `${shown('account', account)} and ${shown('region', region)}`;
}

/** Where an ARN says that it is. Undefined for one that is known at deployment only. */
export function environmentOfArn(arn: string): Environment | undefined {
  const [, , , region, account] = arn.split(':');
  return region && account ? { account, region } : undefined;
}

/** SSM and DynamoDB take the ARN of another account, and none of another region. */
export function refuseOtherRegion(scope: IConstruct, { region: other }: Environment, place: string): void {
  const { region } = environmentIn(scope);
  if (other === region || Token.isUnresolved(other) || Token.isUnresolved(region)) return;
  refuse(scope, `${place}: is in region ${other}, and functions of region ${region} cannot use it; give one of theirs`);
}
