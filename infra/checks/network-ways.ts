import { CfnVPCEndpoint, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { inTemplate, isOfType } from '../parts/resources.ts';

/** The services that the client calls, by the end of their endpoints' names. */
const SERVICES = { SSM: 'ssm', DynamoDB: 'dynamodb' } as const;

/**
 * Lists the services (SSM, DynamoDB) that a VPC function cannot reach: its subnet is isolated or public (a function has
 * no public address), and the app makes no endpoint in its VPC. Subnets that no VPC of the app lists count as
 * reachable; endpoints of an imported VPC cannot be seen.
 */
export function missingWays(
  fn: lambda.Function,
  vpcConfig: lambda.CfnFunction['vpcConfig'],
): readonly (keyof typeof SERVICES)[] {
  const subnetIds = vpcConfig && 'subnetIds' in vpcConfig ? (vpcConfig.subnetIds ?? []) : [];
  const nodes = fn.node.root.node.findAll();
  const vpc = nodes
    .filter(isVpc)
    .find(({ isolatedSubnets, publicSubnets }) =>
      [...isolatedSubnets, ...publicSubnets].some(({ subnetId }) => subnetIds.includes(subnetId)),
    );
  if (!vpc) return [];
  const endpoints = nodes.filter((node) => isOfType(node, CfnVPCEndpoint)).filter(({ vpcId }) => vpcId === vpc.vpcId);
  const names = endpoints.map((endpoint) => inTemplate(endpoint, endpoint.serviceName));
  return (['SSM', 'DynamoDB'] as const).filter(
    (service) => !names.some((name) => new RegExp(`\\.${SERVICES[service]}"`).test(name)),
  );
}

function isVpc(node: IConstruct): node is IVpc {
  return 'vpcId' in node && 'isolatedSubnets' in node;
}
