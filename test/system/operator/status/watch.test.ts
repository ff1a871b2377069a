/** `status --watch`. */
import { beforeEach, describe, expect, it } from 'vitest';
import { runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach, NO_WINDOWS, startCli } from '../../../worlds/replay-cli.ts';
import { activeWindows } from '../../../worlds/surroundings.ts';
import { ESCAPE } from '../../../worlds/window-operator.ts';

const world = cliWorldForEach();
beforeEach(() => world.clearWindows());

const words = () => ['status', '--watch', '--interval', '1s', '--function', world.functionName];

describe('in a pipe', () => {
  it('writes a line for each change, and none between', async () => {
    const watching = startCli(words(), world.environment);
    await watching.wrote('Not under maintenance\n');
    await world.store();
    await watching.wrote('; 1 event waits\n');
    await world.setWindows(activeWindows());
    await watching.wrote('Under maintenance: ');
    watching.child.kill('SIGINT');
    await watching.ended();
    expect(watching.err).toBe('');
    const lines = watching.out.trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^2\S+Z {2}Not under maintenance$/),
      expect.stringMatching(/^2\S+Z {2}Not under maintenance; 1 event waits$/),
    ]);
    expect(lines.at(-1)).toMatch(/^2\S+Z {2}Under maintenance: orders-\d+, until \S+Z, .*quiet.*; 1 event waits$/);
  });

  it('writes a value of JSON on each line', async () => {
    const watching = startCli([...words(), '-o', 'json'], world.environment);
    await watching.wrote('}\n');
    await world.store();
    await watching.wrote('"pending":1');
    watching.child.kill('SIGINT');
    await watching.ended();
    expect(watching.lines()).toMatchObject([{ waiting: { events: 0 } }, { waiting: { events: 1 } }]);
  });

  it('goes on where the windows cannot be read for a while, and says so once', async () => {
    const watching = startCli(words(), world.environment);
    await watching.wrote('Not under maintenance\n');
    await world.setWindows('{"version":1,"windows":[{}]}');
    await watching.said('is malformed');
    await world.setWindows(NO_WINDOWS);
    await world.store();
    await watching.wrote('; 1 event waits\n');
    watching.child.kill('SIGINT');
    await watching.ended();
    expect(watching.err.match(/is malformed/g)).toHaveLength(1);
  });

  it('ends with 0 where nobody reads it any more', async () => {
    const watching = startCli(words(), world.environment);
    await watching.wrote('Not under maintenance\n');
    watching.child.stdout.destroy();
    await world.store();
    expect(await watching.ended()).toBe(0);
  });
});

describe('on a terminal', () => {
  it('draws the whole status again, until Ctrl-C', async () => {
    await world.store();
    const environment = { ...world.environment, NO_COLOR: '1' };
    const { code, out } = await runOnTerminal(words(), {
      environment,
      typed: [[`${ESCAPE}[J`, '\u0003']],
    });
    expect(code).toBe(130);
    expect(out).toContain(`${ESCAPE}[H`);
    expect(out.replaceAll(`${ESCAPE}[K`, '')).toMatch(
      /2\S+Z, Ctrl-C ends it\n\nNot under maintenance: orders-\d+; 1 event waits\n {2}waiting 1 pending; oldest/,
    );
  });
});
