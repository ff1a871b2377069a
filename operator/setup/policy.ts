import type { Statement } from '../../core/deployment/permissions.ts';

/** A policy document as IAM writes it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly object[];
}

/** @param put what stands in the form for a text with open places */
export function policyDocument(
  statements: readonly Statement<string>[],
  put: (text: string) => unknown,
): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: statements.map(({ actions, resources, conditions }) => ({
      Effect: 'Allow',
      Action: actions,
      Resource: resources.map(put),
      ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
    })),
  };
}
