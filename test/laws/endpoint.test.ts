import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from 'vitest';
import { type Endpoint, endpointOf, type Service } from '../../aws/request/endpoint.ts';

type Environment = Readonly<Record<string, string>>;

const REGIONS = [
  ...[
    'us-east-1',
    'us-west-2',
    'eu-south-1',
    'ap-southeast-7',
    'ca-west-1',
    'me-central-1',
    'il-central-1',
    'mx-central-1',
  ],
  ...['sa-east-1', 'af-south-1', 'cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1', 'eusc-de-east-1'],
  ...[
    'us-iso-east-1',
    'us-iso-west-1',
    'us-isob-east-1',
    'us-isob-west-1',
    'eu-isoe-west-1',
    'us-isof-south-1',
    'us-isof-east-1',
  ],
  'xx-new-9',
];
const SERVICES = ['ssm', 'dynamodb'] as const;
const FLAGS = [undefined, 'true', 'false'] as const;
const URLS = {
  none: {},
  forAll: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
  forSsm: { AWS_ENDPOINT_URL_SSM: 'https://vpce-1.ssm.eu-south-1.vpce.amazonaws.com' },
  both: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:4583/base' },
  forDynamoDb: { AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:8000' },
  empty: { AWS_ENDPOINT_URL_SSM: '', AWS_ENDPOINT_URL: 'http://[::1]:4566/base/' },
} as const satisfies Record<string, Environment>;

const OURS = /^AWS_(?:REGION|ENDPOINT_URL|USE_|IGNORE_)/;

afterEach(() => {
  for (const name of Object.keys(process.env).filter((name) => OURS.test(name))) delete process.env[name];
});

describe('The endpoint is the one that the SDK sends to', () => {
  test.each(SERVICES.flatMap((service) => REGIONS.map((region) => ({ service, region }))))(
    'of $service in $region, whatever the flags',
    async ({ service, region }) => {
      let compared = 0;
      for (const fips of FLAGS) {
        for (const dualStack of FLAGS) {
          for (const ignore of FLAGS) {
            for (const urls of Object.values(URLS)) {
              const environment = environmentOf({
                ...urls,
                AWS_REGION: region,
                AWS_USE_FIPS_ENDPOINT: fips,
                AWS_USE_DUALSTACK_ENDPOINT: dualStack,
                AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignore,
              });
              const endpoint = endpointOf(service, environment);
              if (endpoint === undefined) continue;
              expect(textOf(endpoint), JSON.stringify(environment)).toEqual(await endpointOfSdk(service, environment));
              compared += 1;
            }
          }
        }
      }
      expect(compared).toBeGreaterThan(60);
    },
  );
});

describe('The SDK is left to judge', () => {
  test.each<[string, Environment]>([
    ['no region', {}],
    ['a region that only the SDK knows how to read', { AWS_REGION: 'fips-us-east-1' }],
    ['a region that is no host name', { AWS_REGION: 'us_east_1' }],
    ['a flag that is neither true nor false', { AWS_REGION: 'eu-south-1', AWS_USE_FIPS_ENDPOINT: '1' }],
    [
      'an endpoint of one’s own together with FIPS',
      { AWS_REGION: 'eu-south-1', AWS_USE_FIPS_ENDPOINT: 'true', ...URLS.forAll },
    ],
    [
      'the host of an account that has to be used',
      { AWS_REGION: 'eu-south-1', AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required' },
    ],
    ['an endpoint that is no URL', { AWS_REGION: 'eu-south-1', AWS_ENDPOINT_URL: 'localhost' }],
    ['an endpoint of another protocol', { AWS_REGION: 'eu-south-1', AWS_ENDPOINT_URL: 'ftp://127.0.0.1' }],
    ['an endpoint with a query', { AWS_REGION: 'eu-south-1', AWS_ENDPOINT_URL: 'http://127.0.0.1/?a=b' }],
  ])('%s', (_, environment) => {
    for (const service of SERVICES) expect(endpointOf(service, environment)).toBeUndefined();
  });
});

function environmentOf(values: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function textOf({ protocol, hostname, port, path, region }: Endpoint): string {
  return `${protocol}//${hostname}:${port ?? ''}${path} signed for ${region}`;
}

/** Asks the SDK by letting it make a request that is caught before it is sent. */
async function endpointOfSdk(service: Service, environment: Environment): Promise<string> {
  for (const name of Object.keys(process.env).filter((name) => OURS.test(name))) delete process.env[name];
  Object.assign(process.env, environment);
  let sent = '';
  const settings = {
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: {
        protocol: string;
        hostname: string;
        port?: number;
        path: string;
        headers: Record<string, string>;
      }) => {
        const region = /Credential=[^/]+\/\d+\/([^/]+)/.exec(request.headers['authorization'] ?? '')?.[1];
        const { protocol, hostname, port, path } = request;
        sent = `${protocol}//${hostname.replace(/^\[(.*)\]$/, '$1')}:${port ?? ''}${path} signed for ${region}`;
        throw new Error('caught');
      },
    },
    maxAttempts: 1,
  };
  const asking =
    service === 'ssm'
      ? new SSMClient(settings).send(new GetParametersCommand({ Names: ['maintenance-window'] }))
      : new DynamoDBClient(settings).send(new ListTablesCommand({}));
  await asking.catch((error) => {
    if (error.message !== 'caught') throw error;
  });
  return sent;
}
