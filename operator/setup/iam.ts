import { drainMachine } from '../../core/deployment/drain-machine.ts';
import { type Deployment, DRAIN_FUNCTION, makesTable, OPEN, policiesOf } from './deployment.ts';
import { type PolicyDocument, policyDocument } from './policy.ts';

/** Where policies are to hold. What is absent stands as a word in capitals, to be filled in. */
export interface PolicyHome {
  readonly region?: string | undefined;
  /** Twelve digits. */
  readonly account?: string | undefined;
}

/** What stands for an account or a region that nobody named. */
export const UNNAMED = { account: 'ACCOUNT', region: 'REGION' } as const;

/** The policy of each role, by whose it is: `client orders-api`, `operator read`, …, `monitor`, `drain`, … */
export function iamPolicies(deployment: Deployment, home: PolicyHome): Readonly<Record<string, PolicyDocument>> {
  const put = filledFor(deployment, home);
  return Object.fromEntries(
    policiesOf(deployment).map(({ name, statements }) => [name.join(' '), policyDocument(statements, put)]),
  );
}

/** The definition of the state machine that drains, in the Amazon States Language. */
export function stateMachine(deployment: Deployment, home: PolicyHome): object {
  return drainMachine({ functionArn: filledFor(deployment, home)(DRAIN_FUNCTION) });
}

/** What puts into open places what belongs there. */
function filledFor(deployment: Deployment, home: PolicyHome): (text: string) => string {
  const { region = UNNAMED.region, account = UNNAMED.account } = home;
  const partition = partitionOf(region);
  const tableArn = makesTable(deployment)
    ? `arn:${partition}:dynamodb:${region}:${account}:table/${deployment.table}`
    : deployment.table;
  return (text) =>
    text
      .replaceAll(OPEN.tableArn, tableArn)
      .replaceAll(OPEN.partition, partition)
      .replaceAll(OPEN.region, region)
      .replaceAll(OPEN.account, account);
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
