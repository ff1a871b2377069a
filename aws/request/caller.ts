import { GetParametersCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import type { Endpoint } from './endpoint.ts';
import { withoutBrackets } from './endpoint.ts';
import { type SdkRequest, seeRequests } from './sdk-client.ts';
import { type Credentials, createSignedRequests } from './signed-request.ts';

/** Whose credentials these are. What nobody could say is absent. */
export interface Caller {
  /** Twelve digits. */
  readonly account?: string;
  /** The account's name, where it has one that these credentials may read. */
  readonly alias?: string;
  /** ARN of the user or of the role's session. */
  readonly arn?: string;
}

/** Where requests go, and with which credentials. */
export interface Origin {
  readonly region: string;
  /** URL of the endpoint that SSM is asked at; absent: AWS's own. */
  readonly endpoint?: string;
  readonly credentials: Credentials & { readonly accountId?: string };
  /** Asked about the caller; absent where the services are stand-ins, and nobody said where STS would be. */
  readonly services?: CallerServices;
}

/** Endpoints of STS, and of IAM where the partition's is known. */
interface CallerServices {
  readonly sts: Endpoint;
  readonly iam?: Endpoint;
}

const CONNECTION_LIMIT_MS = 1_000;
const HEADERS = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };

/** IAM has one endpoint for each partition, signed for one region. Source: AWS General Reference, "IAM endpoints and quotas". */
const IAM: readonly (readonly [domain: RegExp, hostname: string, region: string])[] = [
  [/\.amazonaws\.com\.cn$/, 'iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  [/\.us-gov-[a-z]+-\d\.amazonaws\.com$/, 'iam.us-gov.amazonaws.com', 'us-gov-west-1'],
  [/\.(?:amazonaws\.com|api\.aws)$/, 'iam.amazonaws.com', 'us-east-1'],
];

/**
 * Finds region, endpoint and credentials as the SDK's clients do, from options, environment and profile. Sends nothing to SSM.
 *
 * @param url endpoint for STS and IAM, where one was given for them or for all of AWS
 * @throws the SDK's faults, for a region or credentials that are missing
 */
export async function originOf(config: SSMClientConfig, url: string | undefined): Promise<Origin> {
  const client = new SSMClient({ ...config, maxAttempts: 1 });
  try {
    const region = await client.config.region();
    const { hostname, ...request } = await firstRequest(client);
    const isAwsOwn = request.protocol === 'https:' && /^ssm(?:-fips)?\./.test(hostname) && hostname.includes(region);
    const { accessKeyId, secretAccessKey, sessionToken, accountId } = await client.config.credentials();
    const services = url ? standIn(url, region) : isAwsOwn ? awsOwn(hostname, region) : undefined;
    return {
      region,
      ...(!isAwsOwn && { endpoint: urlOf({ hostname, ...request }) }),
      credentials: {
        accessKeyId,
        secretAccessKey,
        ...(sessionToken && { sessionToken }),
        ...(accountId && { accountId }),
      },
      ...(services && { services }),
    };
  } finally {
    client.destroy();
  }
}

/** The request that the client would send first. It ends before it is sent. */
async function firstRequest(client: SSMClient): Promise<SdkRequest> {
  let seen: SdkRequest | undefined;
  seeRequests(client, (request) => {
    seen = request;
    throw new Error('not sent');
  });
  try {
    await client.send(new GetParametersCommand({ Names: ['any'] }));
  } catch (fault) {
    if (!seen) throw fault;
  }
  if (!seen) throw new Error('SSM’s client sent nothing');
  return seen;
}

function awsOwn(ssm: string, region: string): CallerServices {
  const own = { protocol: 'https:', path: '/' } as const;
  const iam = IAM.find(([domain]) => domain.test(ssm));
  return {
    sts: { ...own, hostname: ssm.replace(/^ssm/, 'sts'), region },
    ...(iam && { iam: { ...own, hostname: iam[1], region: iam[2] } }),
  };
}

function standIn(text: string, region: string): CallerServices {
  const { protocol, hostname, port, pathname } = new URL(text);
  const endpoint: Endpoint = {
    protocol: protocol === 'https:' ? 'https:' : 'http:',
    hostname: withoutBrackets(hostname),
    ...(port && { port: Number(port) }),
    path: pathname.replace(/\/*$/, '/'),
    region,
  };
  return { sts: endpoint, iam: endpoint };
}

function urlOf({ protocol, hostname, port }: Pick<SdkRequest, 'protocol' | 'hostname' | 'port'>): string {
  return `${protocol}//${hostname}${port ? `:${port}` : ''}`;
}

/**
 * Asks STS whose credentials these are (needs no permission).
 *
 * @throws an Error with the service's or the system's code
 */
export async function askCaller({ services, credentials }: Origin): Promise<Pick<Caller, 'account' | 'arn'>> {
  if (!services) return {};
  const text = await post(services.sts, 'sts', credentials, 'Action=GetCallerIdentity&Version=2011-06-15');
  const [account, arn] = [elementOf(text, 'Account'), elementOf(text, 'Arn')];
  return { ...(account && /^\d{12}$/.test(account) && { account }), ...(arn && { arn }) };
}

/**
 * Asks IAM for the account's name. Needs `iam:ListAccountAliases`.
 *
 * @throws an Error with the service's or the system's code
 */
export async function askAlias({ services, credentials }: Origin): Promise<Pick<Caller, 'alias'>> {
  if (!services?.iam) return {};
  const text = await post(services.iam, 'iam', credentials, 'Action=ListAccountAliases&Version=2010-05-08');
  const alias = elementOf(text, 'member');
  return { ...(alias && { alias }) };
}

async function post(endpoint: Endpoint, service: string, credentials: Credentials, body: string): Promise<string> {
  const requests = createSignedRequests(endpoint, service, { connectLimitMs: CONNECTION_LIMIT_MS });
  try {
    const first = await requests.post(credentials, { headers: HEADERS, body }).answer;
    // it is signed by the service's clock then
    const answer = first.wasSkewed ? await requests.post(credentials, { headers: HEADERS, body }).answer : first;
    const text = answer.body.toString();
    if (answer.status === 200) return text;
    throw Object.assign(new Error(elementOf(text, 'Message') ?? `HTTP status ${answer.status}`), {
      name: elementOf(text, 'Code') ?? String(answer.status),
    });
  } finally {
    requests.disconnect();
  }
}

/** Text of the first element of this name. Neither account, nor ARN, nor alias can have what XML would escape. */
function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]{1,2048}?)\\s*</${name}>`).exec(xml)?.[1];
}
