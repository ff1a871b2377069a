import { type Endpoint, endpointOf, type Service } from '../aws/request/endpoint.ts';
import type { Environment } from '../aws/request/plain-access.ts';
import type { Signing } from '../aws/request/signed-request.ts';
import { MaintenanceWindowError } from '../core/errors.ts';
import type { Clock } from '../core/gate/ports.ts';
import { createContainerCredentials, readContainer } from './container-credentials.ts';

/** The proxy's way to AWS. */
export interface Access {
  readonly ssm: Endpoint;
  readonly dynamoDb: Endpoint;
  readonly signing: Signing;
}

/** What the AWS SDK reads, and the proxy cannot do; each with the remedy. */
const PROFILES = ['AWS_PROFILE', 'AWS_CONFIG_FILE'];
const FLAGS = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'];

/**
 * Finds endpoints and credentials as the SDK does where the answer is plain: keys in the environment, or those of the
 * container that SnapStart functions have. The proxy has no SDK to ask for anything else.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` with every fault at once, one a line
 */
export function readAccess(environment: Environment, clock: Clock): Access {
  const faults: string[] = [];
  for (const name of PROFILES) {
    if (environment[name])
      faults.push(`${name}: the proxy reads no profiles; unset it, and let the function's role do`);
  }
  const signing = signingOf(environment, clock, faults);
  const [ssm, dynamoDb] = (['ssm', 'dynamodb'] as const).map((service) => {
    const endpoint = endpointOf(service, environment);
    if (!endpoint) faults.push(...faultsOfEndpoint(service, environment));
    return endpoint;
  });
  if (faults.length > 0 || !signing || !ssm || !dynamoDb) {
    throw new MaintenanceWindowError('MaintenanceWindow.Config', [...new Set(faults)].join('\n'));
  }
  return { ssm, dynamoDb, signing };
}

function signingOf(environment: Environment, clock: Clock, faults: string[]): Signing | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (accessKeyId && secretAccessKey) {
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
    return { credentials: () => credentials };
  }
  const container = readContainer(environment);
  if (container.kind === 'container') return createContainerCredentials(container, clock);
  faults.push(container.message);
  return undefined;
}

function faultsOfEndpoint(service: Service, environment: Environment): string[] {
  const region = environment['AWS_REGION'] ?? '';
  if (!endpointOf(service, { AWS_REGION: region })) {
    return [`AWS_REGION: "${region}" is not allowed; write a region, such as eu-south-1`];
  }
  const faults = FLAGS.filter((name) => !['true', 'false', undefined].includes(environment[name])).map(
    (name) => `${name}: "${environment[name]}" is not allowed; write true or false`,
  );
  if (environment['AWS_ACCOUNT_ID_ENDPOINT_MODE'] === 'required') {
    faults.push(
      'AWS_ACCOUNT_ID_ENDPOINT_MODE: the proxy knows no endpoint of an account; unset it, or write preferred',
    );
  }
  const name = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const url = environment[name] ? name : 'AWS_ENDPOINT_URL';
  if (faults.length > 0) return faults;
  return [
    `${url}: "${withoutPassword(environment[url] ?? '')}" is not allowed; write http:// or https:// and a host, with no user, ` +
      'query or blank in it, and no FIPS or dual-stack flag beside it',
  ];
}

/** Messages go to logs, where a password has no place. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//…@');
}
