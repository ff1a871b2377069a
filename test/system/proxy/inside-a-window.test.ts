import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';
import { hasProxy, PROXY, PROXY_LAYER, proxyPort, pythonClient, WRAPPER, withOpt } from '../../worlds/proxy.ts';
import { type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';
import { EXAMPLE_WINDOW, holdsExamplesInside, holdsExamplesOutside, invoke } from '../example-events.ts';

/** The handler leaves a file when it is called, and answers with what it was given. */
const CODE = `import os
def handler(event, context):
    open(os.environ['LAMBDA_TASK_ROOT'] + '/called', 'w').close()
    return {'handled': event}
`;

describe.skipIf(!hasProxy).each([
  ['as an extension', WRAPPER],
  ['as the entry of an image', PROXY],
])('a function in Python behind the proxy %s, under the real emulator', (_, starter) => {
  let aws: Surroundings;
  let underTest: RunningFunction;
  const opt = withOpt(PROXY_LAYER);
  beforeAll(async () => {
    aws = await startSurroundings(JSON.stringify(EXAMPLE_WINDOW));
    const client = await pythonClient('app.handler');
    underTest = await runFunction({
      code: CODE,
      file: 'app.py',
      command: starter === WRAPPER ? ['/opt/maintenance-window/wrapper', ...client] : [PROXY, '--', ...client],
      environment: { ...aws.environment, ...(await proxyPort()), MAINTENANCE_WINDOW_TTL: '1' },
      ...(starter === WRAPPER && { emulatorIn: opt.around }),
    });
  });
  afterAll(async () => {
    await underTest.close();
    await aws[Symbol.asyncDispose]();
    opt.remove();
  });

  const world = () => ({ aws, underTest });

  describe('inside a window', () => {
    holdsExamplesInside(world);

    it('stores an event of 6 MB whole, in parts', async () => {
      const text = JSON.stringify({ noise: 'é"\\'.repeat(1_000_000) })
        .slice(0, -2)
        .concat('"}');
      const { called, requestId = '' } = await invoke(underTest, text);
      expect(called).toBe(false);
      expect(sha256(await aws.storedBytes(requestId))).toBe(sha256(text));
    });
  });

  describe('outside a window', () => holdsExamplesOutside(world));
});
