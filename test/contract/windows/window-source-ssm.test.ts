/**
 * What window sources and the operator's tool rely on in SSM, asked through the SDK's client.
 * The local SSM is held to it, and so is any endpoint given by `AWS_ENDPOINT_URL_SSM` or `AWS_ENDPOINT_URL`.
 */
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersCommand,
  type ParameterTier,
  type ParameterType,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalSsm, startSsm } from '../../../local/aws/ssm.ts';

const CREDENTIALS = { accessKeyId: 'operator', secretAccessKey: 'secret' };
const givenUrl = process.env['AWS_ENDPOINT_URL_SSM'] ?? process.env['AWS_ENDPOINT_URL'];

/** What moto 5.2.5 is known not to do, and the service does. */
const GAPS_OF_MOTO = [
  'a version is found by its number, one that never was is an error',
  '4 KB are standard, 8 KB are advanced, and no more',
  'a tier never goes down',
  'a type never changes',
  'a long value makes an intelligent tier an advanced one',
  'the history tells every version, oldest first, and who put it',
  'a name is made of letters, digits and .-_/ only',
];

let local: LocalSsm;
beforeAll(async () => {
  local = await startSsm();
});
afterAll(() => local.close());

describeSsm(
  'The local SSM',
  () => new SSMClient({ endpoint: local.url, region: 'eu-south-1', credentials: CREDENTIALS }),
  [],
);
if (givenUrl) {
  const settings = {
    region: process.env['AWS_REGION'] ?? 'eu-south-1',
    ...(!process.env['AWS_ACCESS_KEY_ID'] && { credentials: CREDENTIALS }),
  };
  describeSsm(givenUrl, () => new SSMClient(settings), process.env['MAINTENANCE_WINDOW_TEST_MOTO'] ? GAPS_OF_MOTO : []);
}

describe('The local SSM, on the wire', () => {
  const SIGNED =
    'AWS4-HMAC-SHA256 Credential=key/20261121/eu-south-1/ssm/aws4_request, SignedHeaders=host;x-amz-date, Signature=';
  const authorization = SIGNED + '0'.repeat(64);
  const target = 'AmazonSSM.GetParameter';

  test.each<[string, Record<string, string>, string, string]>([
    ['a request that is not signed', { 'X-Amz-Target': target }, '{}', 'MissingAuthenticationTokenException'],
    [
      'one that is signed for another service',
      { 'X-Amz-Target': target, authorization: authorization.replace('/ssm/', '/s3/') },
      '{}',
      'MissingAuthenticationTokenException',
    ],
    [
      'an operation that it does not know',
      { 'X-Amz-Target': 'AmazonSSM.SendCommand', authorization },
      '{}',
      'UnknownOperationException',
    ],
    [
      'a request for another service',
      { 'X-Amz-Target': 'DynamoDB_20120810.GetItem', authorization },
      '{}',
      'UnknownOperationException',
    ],
    ['a body that is not JSON', { 'X-Amz-Target': target, authorization }, '{', 'SerializationException'],
    [
      'a parameter that does not exist',
      { 'X-Amz-Target': target, authorization },
      '{"Name":"none"}',
      'ParameterNotFound',
    ],
  ])('answers %s with the code in header and body', async (_, headers, body, code) => {
    const response = await fetch(local.url, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe(code);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(await response.json()).toMatchObject({ __type: code });
  });

  test('ends with its connections', async () => {
    const other = await startSsm();
    const kept = await fetch(other.url, { method: 'POST' });
    await kept.text();
    await other.close();
    await expect(fetch(other.url, { method: 'POST' })).rejects.toThrow();
  });
});

function describeSsm(place: string, connect: () => SSMClient, gaps: readonly string[]): void {
  describe(place, () => {
    let client: SSMClient;
    let name: string;
    const holds = (law: string, check: () => Promise<void>) => (gaps.includes(law) ? test.fails : test)(law, check);

    beforeAll(() => {
      client = connect();
    });
    beforeEach(() => {
      name = `/maintenance-window-test/${Math.random().toString(36).slice(2)}`;
      return () => client.send(new DeleteParameterCommand({ Name: name })).catch(() => undefined);
    });
    afterAll(() => client.destroy());

    holds('a parameter is as it was put, with a version that counts', async () => {
      const before = Date.now();
      expect(await put('one')).toMatchObject({ Version: 1, Tier: 'Standard' });
      expect(await put('two', { overwrite: true })).toMatchObject({ Version: 2 });
      const { Parameter } = await get(name);
      expect(Parameter).toMatchObject({ Name: name, Type: 'String', Value: 'two', Version: 2, DataType: 'text' });
      expect(Parameter?.ARN).toMatch(new RegExp(`^arn:aws[\\w-]*:ssm:[\\w-]+:\\d{12}:parameter${name}$`));
      expect(Parameter?.LastModifiedDate?.getTime()).toBeGreaterThan(before - 60_000);
      expect(Parameter?.LastModifiedDate?.getTime()).toBeLessThan(Date.now() + 60_000);
    });

    holds('a put without overwrite never replaces', async () => {
      await put('one');
      await expect(put('two')).rejects.toMatchObject({
        name: 'ParameterAlreadyExists',
        $metadata: { httpStatusCode: 400 },
      });
      expect((await get(name)).Parameter?.Value).toBe('one');
    });

    holds('a parameter that does not exist is an error by itself, and listed among others', async () => {
      await put('one');
      const absent = `${name}-absent`;
      await expect(get(absent)).rejects.toMatchObject({ name: 'ParameterNotFound' });
      const answer = await client.send(new GetParametersCommand({ Names: [absent, name] }));
      expect(answer.Parameters?.map((parameter) => parameter.Name)).toEqual([name]);
      expect(answer.InvalidParameters).toEqual([absent]);
    });

    holds('a version is found by its number, one that never was is an error', async () => {
      await put('one');
      await put('two', { overwrite: true });
      expect((await get(`${name}:1`)).Parameter).toMatchObject({
        Name: name,
        Value: 'one',
        Version: 1,
        Selector: ':1',
      });
      await expect(get(`${name}:9`)).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    });

    holds('a parameter is found by its ARN', async () => {
      await put('one');
      const arn = (await get(name)).Parameter?.ARN ?? '';
      const answer = await client.send(new GetParametersCommand({ Names: [arn, `${arn}-absent`] }));
      expect(answer.Parameters).toMatchObject([{ ARN: arn, Value: 'one' }]);
      expect(answer.InvalidParameters).toEqual([`${arn}-absent`]);
    });

    holds('ten names are read at once, and no more', async () => {
      const names = Array.from({ length: 11 }, (_, index) => `${name}-${index}`);
      expect((await client.send(new GetParametersCommand({ Names: names.slice(1) }))).InvalidParameters).toHaveLength(
        10,
      );
      await expect(client.send(new GetParametersCommand({ Names: names }))).rejects.toMatchObject({
        name: 'ValidationException',
      });
    });

    holds('a SecureString is readable only with decryption', async () => {
      await put('secret', { type: 'SecureString' });
      const [sealed, open] = await Promise.all(
        [false, true].map((WithDecryption) => client.send(new GetParametersCommand({ Names: [name], WithDecryption }))),
      );
      expect(sealed?.Parameters?.[0]).toMatchObject({ Type: 'SecureString' });
      expect(sealed?.Parameters?.[0]?.Value).not.toBe('secret');
      expect(open?.Parameters?.[0]?.Value).toBe('secret');
      expect((await get(name)).Parameter?.Value).not.toBe('secret');
    });

    holds('4 KB are standard, 8 KB are advanced, and no more', async () => {
      expect(await put('x'.repeat(4096))).toMatchObject({ Tier: 'Standard' });
      await expect(put('x'.repeat(4097), { overwrite: true })).rejects.toMatchObject({ name: 'ValidationException' });
      const advanced = { overwrite: true, tier: 'Advanced' } as const;
      expect(await put('x'.repeat(8192), advanced)).toMatchObject({ Tier: 'Advanced' });
      await expect(put('x'.repeat(8193), advanced)).rejects.toMatchObject({ name: 'ValidationException' });
      expect((await get(name)).Parameter?.Value).toHaveLength(8192);
    });

    holds('a tier never goes down', async () => {
      await put('one', { tier: 'Advanced' });
      await expect(put('two', { overwrite: true, tier: 'Standard' })).rejects.toMatchObject({
        name: 'ValidationException',
      });
      expect(await put('x'.repeat(5000), { overwrite: true })).toMatchObject({ Tier: 'Advanced' });
    });

    holds('a long value makes an intelligent tier an advanced one', async () => {
      expect(await put('x', { tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Standard' });
      const long = await put('x'.repeat(5000), { tier: 'Intelligent-Tiering', overwrite: true });
      expect(long).toMatchObject({ Tier: 'Advanced' });
    });

    holds('a type never changes', async () => {
      await put('one');
      await expect(put('two', { overwrite: true, type: 'SecureString' })).rejects.toMatchObject({
        name: 'HierarchyTypeMismatchException',
      });
    });

    holds('no empty value', async () => {
      await expect(put('')).rejects.toMatchObject({ name: 'ValidationException' });
    });

    holds('a new parameter needs a type, one that exists does not', async () => {
      await expect(put('one', { type: 'none' })).rejects.toMatchObject({ name: 'ValidationException' });
      await put('one', { type: 'StringList' });
      await put('two', { type: 'none', overwrite: true });
      expect((await get(name)).Parameter).toMatchObject({ Type: 'StringList', Value: 'two' });
    });

    holds('the history tells every version, oldest first, and who put it', async () => {
      await put('one');
      await put('two', { overwrite: true });
      await put('three', { overwrite: true });
      const { Parameters } = await client.send(new GetParameterHistoryCommand({ Name: name }));
      expect(Parameters?.map(({ Version, Value, Type }) => [Version, Value, Type])).toEqual([
        [1, 'one', 'String'],
        [2, 'two', 'String'],
        [3, 'three', 'String'],
      ]);
      expect(Parameters?.every(({ LastModifiedUser }) => LastModifiedUser?.startsWith('arn:'))).toBe(true);
      const page = await client.send(new GetParameterHistoryCommand({ Name: name, MaxResults: 2 }));
      expect(page.Parameters?.map(({ Version }) => Version)).toEqual([1, 2]);
      const rest = await client.send(new GetParameterHistoryCommand({ Name: name, NextToken: page.NextToken }));
      expect(rest.Parameters?.map(({ Version }) => Version)).toEqual([3]);
      expect(rest.NextToken).toBeUndefined();
    });

    holds('a parameter that is deleted is gone, with its history', async () => {
      await put('one');
      await client.send(new DeleteParameterCommand({ Name: name }));
      await expect(get(name)).rejects.toMatchObject({ name: 'ParameterNotFound' });
      await expect(client.send(new DeleteParameterCommand({ Name: name }))).rejects.toMatchObject({
        name: 'ParameterNotFound',
      });
      await expect(client.send(new GetParameterHistoryCommand({ Name: name }))).rejects.toMatchObject({
        name: 'ParameterNotFound',
      });
      expect(await put('again')).toMatchObject({ Version: 1 });
    });

    holds('a name is made of letters, digits and .-_/ only', async () => {
      for (const Name of ['my parameter', 'name:1', 'a/b', '/aws/name', 'ssm-name', `/${'a/'.repeat(16)}b`]) {
        const command = new PutParameterCommand({ Name, Value: 'x', Type: 'String' });
        await expect(client.send(command), Name).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
      }
    });

    function get(Name: string) {
      return client.send(new GetParameterCommand({ Name }));
    }

    function put(
      Value: string,
      {
        type = 'String',
        ...settings
      }: { type?: ParameterType | 'none'; tier?: ParameterTier; overwrite?: boolean } = {},
    ) {
      return client.send(
        new PutParameterCommand({
          Name: name,
          Value,
          ...(type !== 'none' && { Type: type }),
          ...(settings.tier && { Tier: settings.tier }),
          ...(settings.overwrite && { Overwrite: true }),
        }),
      );
    }
  });
}
