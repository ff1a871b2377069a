/** Endpoint of a service, and the region that requests to it are signed for. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  /** Absent: the protocol's own. */
  readonly port?: number;
  readonly path: string;
  readonly region: string;
}

/**
 * The domains of the partitions other than `aws`, by what their regions begin with.
 * Source: partitions.json of the AWS SDKs, as in @aws-sdk/core 3.1162; a test compares every region with the SDK.
 */
const DOMAINS = [
  { regions: 'cn-', domain: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn' },
  { regions: 'eusc-', domain: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu' },
  { regions: 'us-iso-', domain: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov' },
  { regions: 'us-isob-', domain: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud' },
  { regions: 'us-isof-', domain: 'csp.hci.ic.gov', dualStack: 'api.aws.hci.ic.gov' },
  { regions: 'eu-isoe-', domain: 'cloud.adc-e.uk', dualStack: 'api.cloud-aws.adc-e.uk' },
] as const;
const AWS = { domain: 'amazonaws.com', dualStack: 'api.aws' } as const;

/** What looks like a region. `fips-…` is the SDK's old way to ask for FIPS. */
const REGION = /^(?!fips-)[a-z]+(?:-[a-z]+)+-\d+$/;

/** Name of a service, in its host name and in the signatures of its requests. */
export type Service = 'ssm' | 'dynamodb' | 'lambda';

/**
 * A service's endpoint as the AWS SDK finds it, from the same variables: but for the host that DynamoDB has for each account
 * (`AWS_ACCOUNT_ID`), in whose place the region's does as well.
 *
 * `undefined` wherever the answer is not plain (an odd region, a flag that is neither `true` nor `false`, a custom
 * endpoint together with FIPS, …): the SDK is to be asked then, and has its own words for what is wrong.
 */
export function endpointOf(
  service: Service,
  environment: Readonly<Record<string, string | undefined>>,
): Endpoint | undefined {
  const region = environment['AWS_REGION'] ?? '';
  const fips = flag(environment['AWS_USE_FIPS_ENDPOINT']);
  const dualStack = flag(environment['AWS_USE_DUALSTACK_ENDPOINT']);
  const ignoreUrls = flag(environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']);
  if (!REGION.test(region) || fips === undefined || dualStack === undefined || ignoreUrls === undefined)
    return undefined;
  if (environment['AWS_ACCOUNT_ID_ENDPOINT_MODE'] === 'required') return undefined;

  const url = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || environment['AWS_ENDPOINT_URL'];
  if (url && !ignoreUrls) return fips || dualStack ? undefined : customEndpoint(url, region);

  const partition = DOMAINS.find(({ regions }) => region.startsWith(regions)) ?? AWS;
  // GovCloud's plain endpoints are FIPS endpoints.
  const host = fips && (dualStack || !region.startsWith('us-gov-')) ? `${service}-fips` : service;
  const domain = dualStack ? partition.dualStack : partition.domain;
  return { protocol: 'https:', hostname: `${host}.${region}.${domain}`, path: '/', region };
}

function flag(text: string | undefined): boolean | undefined {
  if (text === undefined || text === 'false') return false;
  return text === 'true' ? true : undefined;
}

function customEndpoint(text: string, region: string): Endpoint | undefined {
  const url = URL.parse(text);
  if (!url || url.search || url.username) return undefined;
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const hostname = withoutBrackets(url.hostname);
  const path = url.pathname.replace(/\/*$/, '/');
  return { protocol, hostname, ...(url.port && { port: Number(url.port) }), path, region };
}

/** Where a socket to an endpoint goes. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** The address of an endpoint, with its protocol's port where it names none. */
export function addressOf({ protocol, hostname, port }: Endpoint): Address {
  const isTls = protocol === 'https:';
  return { host: withoutBrackets(hostname), port: port ?? (isTls ? 443 : 80), isTls };
}

/** A socket takes an IPv6 address without the brackets that it has in a URL. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
