import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { AUTHORITY, type Certificate, startTlsFront } from '../../fakes/tls-front.ts';
import { hasProxy, startProxy } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

// In Lambda, SSM and DynamoDB are behind TLS: what the proxy trusts, and that it sends nothing to whom it does not.

let aws: Surroundings;
beforeAll(async () => {
  aws = await startSurroundings(activeWindows());
});
afterAll(() => aws[Symbol.asyncDispose]());

/** Polls once through a proxy whose services have this certificate. */
async function deferred(id: string, certificate: Certificate, environment: Readonly<Record<string, string>>) {
  const { AWS_ENDPOINT_URL_SSM: ssm = '', AWS_ENDPOINT_URL_DYNAMODB: dynamoDb = '' } = aws.environment;
  await using frontOfSsm = await startTlsFront(ssm, certificate);
  await using frontOfDynamoDb = await startTlsFront(dynamoDb, certificate);
  await using api = await startRuntimeApi({ invocations: [{ id, text: '{"n":1}' }], afterwards: 'hold' });
  await using proxy = await startProxy(api.address, {
    AWS_ENDPOINT_URL_SSM: frontOfSsm.url,
    AWS_ENDPOINT_URL_DYNAMODB: frontOfDynamoDb.url,
    MAINTENANCE_WINDOW_ON_ERROR: 'defer',
    ...environment,
  });
  const poll = fetch(`http://127.0.0.1:${proxy.port}/2018-06-01/runtime/invocation/next`).catch(() => undefined);
  await api.seen('error');
  const [answer] = api.requests.filter(({ kind }) => kind === 'error');
  const told = {
    answer: JSON.parse(String(answer?.body)),
    trusted: frontOfSsm.trusted() + frontOfDynamoDb.trusted(),
    item: await aws.eventItem(id),
    output: proxy.output(),
  };
  await api.close();
  await poll;
  return told;
}

describe.skipIf(!hasProxy)('over TLS, the proxy', () => {
  it.each(['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'])(
    'reads windows and stores an event, where %s names who signed',
    async (variable) => {
      const { answer, trusted, item, output } = await deferred(`by-${variable}`, 'localhost', {
        [variable]: AUTHORITY,
      });
      expect(answer).toMatchObject({ errorType: 'MaintenanceWindow.Active' });
      expect(item?.['status']?.S).toBe('pending');
      expect(trusted).toBeGreaterThanOrEqual(2);
      expect(output).not.toContain('ERROR');
    },
  );

  it.each<[string, Certificate, Record<string, string>, RegExp]>([
    ['nobody has named who signed', 'localhost', {}, /issuer|UnknownIssuer/i],
    ['the certificate is of another host', 'elsewhere', { AWS_CA_BUNDLE: AUTHORITY }, /not valid for/i],
    ['the certificate has expired', 'expired', { AWS_CA_BUNDLE: AUTHORITY }, /expired/i],
  ])('sends nothing where %s', async (what, certificate, environment, why) => {
    const { answer, trusted, item, output } = await deferred(what, certificate, environment);
    expect(answer).toMatchObject({ errorType: 'MaintenanceWindow.DeferralFailed' });
    expect(item).toBeUndefined();
    expect(trusted).toBe(0);
    expect(output).toMatch(why);
  });
});
