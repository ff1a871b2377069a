import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { pageText } from '../../unit/docs/pages.ts';

it('what is to be filed upstream can be reproduced as it is written down', () => {
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(pageText('docs/upstream-notes.md')) ?? [];
  const told = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect(told).toMatch(/^first: [\d.]+ ms\nsecond: [\d.e-]+ ms\nthird: [\d.e-]+ ms\n$/);
});
