/** What a write says to SSM again, because SSM would forget it, and what becomes of a write whose answer is lost. */
import { afterEach, expect, it } from 'vitest';
import { replaceText } from '../../../../aws/windows/parameter-edit.ts';
import { createParameterStore, type ParameterStore } from '../../../../aws/windows/parameter-store.ts';
import type { ScriptedService } from '../../../fakes/scripted-service.ts';
import { type ScriptedAnswer, type ScriptedRequest, startScriptedSsm } from '../../../fakes/scripted-ssm.ts';

const NO_WINDOWS = '{"version":1,"windows":[]}';
const EDITED = '{"version":1,"windows":[\n{"start":"2040-01-01T00:00:00Z","end":"2040-01-02T00:00:00Z"}\n]}';

let ssm: ScriptedService<ScriptedRequest> | undefined;
let store: ParameterStore | undefined;
afterEach(async () => {
  store?.close();
  await ssm?.[Symbol.asyncDispose]();
});

/** A parameter with one version and these attributes; `put` says what becomes of a write. */
async function start(attributes: object, put: (value: string) => ScriptedAnswer = () => ok({ Version: 2 })) {
  const versions = [{ Name: 'windows', Value: NO_WINDOWS, Version: 1, LastModifiedDate: 1, ...attributes }];
  ssm = await startScriptedSsm(({ operation, input }) => {
    switch (operation) {
      case 'GetParameters':
        return ok({ Parameters: [versions.at(-1)] });
      case 'GetParameterHistory':
        return ok({ Parameters: versions });
      default: {
        const answer = put(String(input['Value']));
        if (answer.status !== 400)
          versions.push({ ...versions[0], Value: String(input['Value']), Version: 2 } as never);
        return answer;
      }
    }
  });
  store = createParameterStore({
    endpoint: ssm.url,
    region: 'eu-south-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const base = (await store.history('windows')).at(-1);
  if (!base) throw new Error('no version');
  return { store, base, writes: () => ssm?.requests.filter(({ operation }) => operation === 'PutParameter') ?? [] };
}

function ok(body: object): ScriptedAnswer {
  return { status: 200, body };
}

it('keeps key, tier, description, pattern and data type', async () => {
  const attributes = { KeyId: 'alias/team', Description: 'by the team', AllowedPattern: '.*', DataType: 'text' };
  const { store, base, writes } = await start({ ...attributes, Tier: 'Advanced', Type: 'SecureString' });
  expect(await replaceText(store, 'windows', base, EDITED)).toEqual({ kind: 'written', version: 2 });
  expect(writes().map(({ input }) => input)).toEqual([
    { Name: 'windows', Value: EDITED, Overwrite: true, ...attributes, Tier: 'Advanced' },
  ]);
});

it('leaves the tier to the account for a parameter of the standard tier', async () => {
  const { store, base, writes } = await start({ Tier: 'Standard', Type: 'String' });
  await replaceText(store, 'windows', base, EDITED);
  expect(writes()[0]?.input).toEqual({ Name: 'windows', Value: EDITED, Overwrite: true });
});

it('asks for the advanced tier where the text is longer than the standard one holds', async () => {
  const { store, base, writes } = await start({ Tier: 'Standard', Type: 'String' });
  await replaceText(store, 'windows', base, `${EDITED}${' '.repeat(4_096)}`);
  expect(writes()[0]?.input).toMatchObject({ Tier: 'Advanced' });
});

it('takes a write whose answer was lost for what it was, and sends it once', async () => {
  const { store, base, writes } = await start({ Type: 'String' }, () => ({
    status: 500,
    body: { __type: 'InternalServerError' },
  }));
  expect(await replaceText(store, 'windows', base, EDITED)).toEqual({ kind: 'written', version: 2 });
  expect(writes()).toHaveLength(1);
});

it('passes on why a write was refused', async () => {
  const refusal = { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };
  const { store, base } = await start({ Type: 'String' }, () => refusal);
  await expect(replaceText(store, 'windows', base, EDITED)).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
