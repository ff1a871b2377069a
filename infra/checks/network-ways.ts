import { CfnVPCEndpoint, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { inTemplate, isOfType } from '../parts/resources.ts';

/** The services that the client calls, by the end of their endpoints' names. */
const SERVICES = { SSM: 'ssm', DynamoDB: 'dynamodb' } as const;

/**
 * To which of the client's services a function in a VPC has no way: none of the function's own, because it is in an
 * isolated or a public subnet (a function has no public address), and no endpoint of its VPC that the app makes.
 * Subnets that no VPC of the app lists are believed to have one. Endpoints of an imported VPC cannot be seen.
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
