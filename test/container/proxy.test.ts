import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRuntimeApi } from '../fakes/runtime-api.ts';
import {
  BUILD_LIMIT_MS,
  buildImage,
  describeWithEngine,
  type Image,
  inLambda,
  invoke,
  startContainer,
} from './containers.ts';

/** As Lambda runs an image. */
const AS_IN_LAMBDA = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

describeWithEngine('an image in Python with the proxy as its entry', () => {
  let image: Image;
  let local: Image;
  beforeAll(async () => {
    image = await buildImage({ target: 'python' });
    local = await buildImage({ target: 'python-local' });
  }, BUILD_LIMIT_MS);
  afterAll(async () => {
    await image?.[Symbol.asyncDispose]();
    await local?.[Symbol.asyncDispose]();
  });

  it('polls Lambda as its first process, and ends by SIGTERM', async () => {
    await using api = await startRuntimeApi({ afterwards: 'hold' });
    await using container = await startContainer(image.tag, [...AS_IN_LAMBDA, ...inLambda(api.address)]);
    await api.seen('next');
    expect(await container.stop()).toBe(143);
  });

  it('runs under the emulator, where it is not in Lambda', async () => {
    const settings = ['AWS_REGION=us-east-1', 'AWS_ACCESS_KEY_ID=local', 'AWS_SECRET_ACCESS_KEY=local'];
    const options = [...AS_IN_LAMBDA, '--publish', '127.0.0.1:0:8080', ...settings.flatMap((each) => ['--env', each])];
    await using container = await startContainer(local.tag, options);
    const order = '{"id":"A-1","item":"moka pot","quantity":1}';
    expect(JSON.parse(await invoke(await container.address(8080), order))).toEqual({ booked: 'A-1' });
    expect(await container.logs()).toContain('booked A-1 (1 × moka pot)');
    expect(await container.stop()).toBe(0);
  });
});
