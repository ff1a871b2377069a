import { type Deployment, makesTable, OPEN, policiesOf } from './deployment.ts';
import { type PolicyDocument, policyDocument } from './policy.ts';

/** Where policies are to hold. What is absent stands as a word in capitals, to be filled in. */
export interface PolicyHome {
  readonly region?: string | undefined;
  /** Twelve digits. */
  readonly account?: string | undefined;
}

/** What stands for an account or a region that nobody named. */
export const UNNAMED = { account: 'ACCOUNT', region: 'REGION' } as const;

/** The policy of each role, by whose it is: `client orders-api`, `operator read`, …, `monitor`. */
export function iamPolicies(deployment: Deployment, home: PolicyHome): Readonly<Record<string, PolicyDocument>> {
  const { region = UNNAMED.region, account = UNNAMED.account } = home;
  const partition = partitionOf(region);
  const tableArn = makesTable(deployment)
    ? `arn:${partition}:dynamodb:${region}:${account}:table/${deployment.table}`
    : deployment.table;
  const put = (text: string) =>
    text
      .replaceAll(OPEN.tableArn, tableArn)
      .replaceAll(OPEN.partition, partition)
      .replaceAll(OPEN.region, region)
      .replaceAll(OPEN.account, account);
  return Object.fromEntries(
    policiesOf(deployment).map(({ name, statements }) => [name.join(' '), policyDocument(statements, put)]),
  );
}

/** How regions outside of AWS's commercial partition begin. Source: `partitions.json` of AWS's SDKs. */
const PARTITIONS: readonly (readonly [region: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

function partitionOf(region: string): string {
  return PARTITIONS.find(([beginning]) => region.startsWith(beginning))?.[1] ?? 'aws';
}
