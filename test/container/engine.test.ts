import { expect, it } from 'vitest';
import { isEngineRequired, isEngineThere } from '../support/containers.ts';

it('a container engine answers', ({ skip }) => {
  if (!isEngineThere && !isEngineRequired) {
    console.warn(
      'Container tests are skipped: no Docker engine answers. Start one, and then:  npx vitest run test/container',
    );
    skip();
  }
  expect(isEngineThere).toBe(true);
});
