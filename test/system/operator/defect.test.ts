/** What nobody foresaw, and nobody waits for: not the answer "no" of a command that did its work. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSilent, type MisbehavingSsm, startMisbehavingSsm } from '../../fakes/ssm-misbehaving.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';

let ssm: MisbehavingSsm;
beforeAll(async () => {
  buildCli();
  ssm = await startMisbehavingSsm(isSilent);
});
afterAll(() => ssm?.close());

it.each([
  ['a timer throws', "throw new Error('the moon is full')"],
  ['a promise is rejected', "Promise.reject(new Error('the moon is full'))"],
])('ends with 70, and all that is known of it, where %s', async (_, happens) => {
  const source = `setTimeout(() => { ${happens}; }, 500);`;
  const { code, out, err } = await runCli(['status', '-o', 'json'], {
    environment: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}`,
      AWS_ENDPOINT_URL: ssm.url,
    },
  });
  expect({ code, out }).toEqual({ code: 70, out: '' });
  expect(err).toMatch(
    /^maintenance-window: a defect of this tool, please report it: Error: the moon is full\n {4}at /m,
  );
});
