import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Policy as JSON, to be written by hand. What is known only at deployment stands there as `${…}`. */
export function policyText(scope: IConstruct, statements: readonly iam.PolicyStatement[]): string {
  const resolved = Stack.of(scope).resolve(statements.map((statement) => statement.toStatementJson()));
  return JSON.stringify({ Version: '2012-10-17', Statement: JSON.parse(JSON.stringify(resolved), inWords) });
}

/** CloudFormation's functions as `Fn::Sub` writes them. */
function inWords(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [[name, given] = [], ...others] = Object.entries(value);
  if (others.length > 0) return value;
  if (name === 'Ref') return `\${${given}}`;
  if (name === 'Fn::GetAtt') return `\${${[given].flat().join('.')}}`;
  if (name === 'Fn::Join') return given[1].join(given[0]);
  return name?.startsWith('Fn::') ? `\${${JSON.stringify(value)}}` : value;
}
