import { expect, it } from 'vitest';
import { CLIENT_ACTIONS } from '../../../core/deployment/permissions.ts';
import { startDynamoDbProxy } from '../../fakes/dynamodb-proxy.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { operationOf, pause } from '../../fakes/scripted-service.ts';
import { delayed, holds, type Script, startMisbehavingSsm } from '../../fakes/ssm-misbehaving.ts';
import { judge, rolesOf } from '../../infra/granted.ts';
import { patchedClient, startClient } from '../../worlds/client-process.ts';
import { activeWindows, startSurroundings } from '../../worlds/surroundings.ts';

const NO_WINDOWS = '{"version":1,"windows":[]}';
const { orders } = rolesOf(['orders', 'orders-2'], 'given');

/**
 * A life that does all that a client ever does: it reads, stores a small event and one in parts, meets its own event
 * again inside the window, takes it back after the window, gives it back in the next one, and lets others run.
 */
it('a client calls exactly what the stack grants it, and is granted all of it', async () => {
  let windows = activeWindows();
  /** Waits until the reading is old. */
  const edit = async (text: string) => {
    windows = text;
    await pause(1_200);
  };
  const large = JSON.stringify({ filler: Array.from({ length: 40_000 }, () => Math.random()) });
  async function* invocations() {
    for (const id of ['one', 'one', 'two']) yield { id, text: id === 'two' ? large : '{"order":1}' };
    await edit(NO_WINDOWS);
    for (const id of ['one', 'three']) yield { id, text: '{"order":1}' };
    await edit(activeWindows());
    yield { id: 'one', text: '{"order":1}' };
  }

  await using aws = await startSurroundings();
  const table = await startDynamoDbProxy(aws.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
  table.behave((request) => judge(orders, request));
  const parameter: Script = (request) => holds({ 'maintenance-window': windows })(request);
  const ssm = await startMisbehavingSsm(delayed(1, parameter));
  await using api = await startRuntimeApi({ invocations: invocations() });
  await using client = startClient({
    client: patchedClient(),
    handler: 'values.echo',
    runtimeApi: api.address,
    environment: {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      MAINTENANCE_WINDOW_TTL: '1',
    },
  });
  await client.exited;
  await Promise.all([ssm.close(), table.close()]);

  const answers = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
  expect(answers.map(({ kind, body }) => (kind === 'error' ? 'stored' : body.toString()))).toEqual([
    'stored',
    'null',
    'stored',
    '{"order":1}',
    '{"order":1}',
    'null',
  ]);
  const called = [
    ...ssm.requests.map((request) => `ssm:${operationOf(request)}`),
    ...table.requests.map(({ operation }) => `dynamodb:${operation}`),
  ];
  expect(new Set(called)).toEqual(new Set(Object.values(CLIENT_ACTIONS).flat()));
});
