import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../core/units.ts';
import { type CliOptions, runCli, runOnTerminal } from '../../../worlds/cli.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

// Which stored events are meant, in times as they are typed at night.

const world = cliWorldForEach();
let recent: string;
let deferredAt: number;
beforeEach(async () => {
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  deferredAt = now - HOUR_MS;
  await world.store({ deferredAt: now - 3 * HOUR_MS });
  ({ id: recent } = await world.store({ deferredAt }));
});

const own = () => ['--function', world.functionName];
const options = (): CliOptions => ({ environment: { ...world.environment, TZ: 'Asia/Kathmandu', NO_COLOR: '1' } });
const piped = (...words: string[]) => runCli([...words, ...own()], options());
const onTerminal = (...words: string[]) => runOnTerminal(words, options());

describe('a selection', () => {
  it.each(['2h', '2h ago', '-2h', '2 hours ago'])(
    'takes --from %s for two hours ago, and says so once',
    async (from) => {
      const { code, out, err } = await piped('events', 'list', '--from', from, '-o', 'json');
      expect(code).toBe(0);
      expect(JSON.parse(out).events).toMatchObject([{ id: recent }]);
      expect(err).toMatch(/^note: deferred from \S+Z \(2 h( \d+ min)? ago\)\n$/);
    },
  );

  it.each([
    ['events', 'export'],
    ['events', 'list', '--count'],
    ['replay', '--dry-run'],
  ])('of %s %s takes both limits', async (...words) => {
    const { code, err } = await piped(...words.filter(Boolean), '--from', '2h', '--until', 'now');
    expect(code).toBe(0);
    expect(err).toMatch(/^note: deferred from \S+Z \(2 h( \d+ min)? ago\), until \S+Z \(\d+ s ago\)\n/);
  });

  it('is silent about what was typed as an instant', async () => {
    const { err } = await piped('events', 'list', '--from', '2026-01-01T00:00:00Z');
    expect(err).toBe('');
  });

  it('is refused where its end comes before its beginning, once that is known', async () => {
    const { code, out, err } = await piped('events', 'list', '--from', '1h', '--until', '2h');
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(/--from \S+ is not before --until \S+: nothing is between them\n$/);
  });

  it('discards what it says', async () => {
    const { code, out, err } = await piped('events', 'discard', '--from', '2h', '--yes');
    expect({ code, out }).toEqual({ code: 0, out: '1 event discarded\n' });
    expect(err).toMatch(/^note: deferred from \S+Z \(2 h( \d+ min)? ago\)\n$/);
    expect(await world.statusOf(recent)).toBe('discarded');
  });

  it('means the same in the command that goes on, however late that is run', async () => {
    world.lambda.behave(() => ({ kind: 'fail', status: 404, code: 'ResourceNotFoundException' }));
    const { code, out, err } = await piped('replay', '--from', '2h', '--until=5 min ago');
    expect(code).toBe(3);
    const [, from, until] = /deferred from (\S+) .*, until (\S+) /.exec(err) ?? [];
    expect(from).toMatch(/Z$/);
    expect(out).toBe(
      `1 left to replay: to go on,  maintenance-window replay --from ${from} --until=${until} --function ${world.functionName}\n`,
    );
  });
});

/** A quarter of an hour before six hours ahead of UTC, all year. */
function inKathmandu(at: number): string {
  const [utc, local] = [new Date(at).toISOString(), new Date(at + 5.75 * HOUR_MS).toISOString()];
  const time = local.slice(11, 16);
  return utc.slice(0, 10) === local.slice(0, 10) ? time : `${local.slice(0, 10)} ${time}`;
}

describe('on a terminal', () => {
  it('a list names the zone in its head, and has local time beside UTC', async () => {
    const utc = new Date(deferredAt).toISOString().replace('.000Z', 'Z');
    const { out } = await onTerminal('events', 'list', ...own());
    expect(out).toContain('DEFERRED (Asia/Kathmandu)');
    expect(out).toContain(`${utc} (${inKathmandu(deferredAt)})  `);
    expect((await onTerminal('events', 'show', recent)).out).toMatch(
      new RegExp(`^deferredAt +${utc} \\(${inKathmandu(deferredAt)} Asia/Kathmandu\\)$`, 'm'),
    );
  });

  it('a pipe has UTC alone', async () => {
    const { out } = await piped('events', 'list');
    expect(out).toMatch(/^ID +FUNCTION +SOURCE +STATUS +DEFERRED +SIZE +ATTEMPTS +LAST ERROR$/m);
    expect(out).not.toMatch(/Kathmandu|\(/);
  });
});
