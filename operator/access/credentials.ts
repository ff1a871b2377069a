import type { Operator } from './operator.ts';

/** Keys that AWS is asked with, and where, as far as this machine knows. */
export interface Identity {
  readonly region: string;
  readonly accessKeyId: string;
  /** Twelve digits, if whoever gives the keys says so: SSO, an assumed role, AWS_ACCOUNT_ID. */
  readonly account?: string;
}

/**
 * Finds region and credentials as every client does. Asks no service but the one that gives the keys.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` without a region, `MaintenanceWindow.Denied` without credentials
 */
export async function readIdentity({ clientSettings, asking }: Operator): Promise<Identity> {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient(clientSettings);
  const asked = {
    service: 'DynamoDB',
    action: 'dynamodb:DescribeTable',
    what: 'the credentials',
    waiting: () => ({ why: 'there are no AWS credentials yet' }),
  } as const;
  try {
    return await asking(asked, async () => {
      const region = await client.config.region();
      const { accessKeyId, accountId: account } = await client.config.credentials();
      return { region, accessKeyId, ...(account && { account }) };
    });
  } finally {
    client.destroy();
  }
}
