import { expect, it } from 'vitest';
import { isEngineRequired, isEngineThere } from './containers.ts';

const NONE = 'no Docker engine answers. Start one, and then:  npx vitest run test/container';

it('a container engine answers', ({ skip }) => {
  if (!isEngineThere && !isEngineRequired) {
    console.warn(`Container tests are skipped: ${NONE}`);
    skip();
  }
  expect(isEngineThere, NONE).toBe(true);
});
