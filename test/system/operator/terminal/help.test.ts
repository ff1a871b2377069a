import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { STATUSES } from '../../../../core/events/deferred-event.ts';
import { noCounts } from '../../../../core/replay/progress/news.ts';
import { windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

/** Words of each command that does something, as its help names it. */
async function commandsBelow(words: readonly string[]): Promise<readonly string[]> {
  const { out } = await operator.piped([...words, '--help']);
  const list = out.split('Commands:\n')[1]?.split('\n\n')[0];
  if (list === undefined) return [words.join(' ')];
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);
  const below = names.filter((name) => words.length === 0 || name !== 'help');
  return (await Promise.all(below.map((name) => commandsBelow([...words, name])))).flat();
}

describe('help', () => {
  it.each(['times', 'exit-codes', 'words', 'environment', 'formatting'])(
    'has the topic %s, no wider than 80 columns',
    async (topic) => {
      const { code, out, err } = await operator.piped(['help', topic]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(out.split('\n').length).toBeGreaterThan(10);
    },
  );

  it('names its topics where all commands stand', async () => {
    const { out } = await operator.piped(['--help']);
    for (const topic of ['times', 'exit-codes', 'words', 'environment', 'formatting', 'man']) {
      expect(out).toContain(`maintenance-window help ${topic}`);
    }
  });

  it('explains every status, every outcome of a replay, and the words of the product', async () => {
    const { out } = await operator.piped(['help', 'words']);
    const words = [...out.matchAll(/^ {2}(\S+(?: \S+)*) {2,}\S/gm)].map(([, word]) => word);
    const ours = ['quiet', 'lease', 'order key', 'tick', 'canary', 'deferred', 'rest', 'client', 'source'];
    for (const word of [...STATUSES, ...Object.keys(noCounts()), ...ours]) expect(words).toContain(word);
    const page = (await operator.piped(['help', 'man'])).out.replaceAll('\\-', '-');
    for (const word of words) expect(page).toContain(`.B ${word}\n`);
  });

  it('is named where a word of the command line is not known, on that one line', async () => {
    for (const [words, message] of [
      [['status', '--nope'], "unknown option '--nope'; --help says what there is"],
      [['status', '--wach'], "unknown option '--wach': did you mean --watch? --help says what there is"],
      [['stats'], "unknown command 'stats': did you mean status? --help says what there is"],
      [
        ['begin', '--for', 'x'],
        "option '--for <duration>' argument 'x' is invalid. It is not a duration; write PT2H or 2h; --help says what there is",
      ],
    ] as const) {
      expect(await operator.piped(words)).toEqual({ code: 64, out: '', err: `maintenance-window: ${message}\n` });
    }
  });

  it('is that of a command, however deep', async () => {
    const asked = await operator.piped(['help', 'schedule', 'add']);
    expect(asked).toEqual(await operator.piped(['schedule', 'add', '--help']));
    expect(asked.out).toContain('Usage: maintenance-window schedule add');
  });

  it('helps where the settings are wrong', async () => {
    const environment = { MAINTENANCE_WINDOW_PARAMETER: 'a:3', MAINTENANCE_WINDOW_CONTEXT: 'none' };
    expect(await operator.piped(['help', 'times'], { environment })).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    [['tims'], 'there is no command or topic "tims": did you mean times?'],
    [['schedule', 'ad'], 'there is no command or topic "ad": did you mean add?'],
    [['nothing-like-it'], 'there is no command or topic "nothing-like-it": see  maintenance-window help'],
  ])('refuses %j in one line', async (words, message) => {
    expect(await operator.piped(['help', ...words])).toEqual({
      code: 64,
      out: '',
      err: `maintenance-window: ${message}\n`,
    });
  });
});

describe('the manual page', () => {
  it('has every command, with its options, and every exit code', async () => {
    const { out } = await operator.piped(['help', 'man']);
    const page = out.replaceAll('\\-', '-');
    const commands = await commandsBelow([]);
    expect(commands.length).toBeGreaterThan(20);
    for (const command of commands) expect(page).toContain(`\n.SS "${command}"\n`);
    for (const option of ['--wait-quiet', '--during-window', '--endpoint-url']) expect(page).toContain(`.B ${option}`);
    for (const code of ['0', '12', '78', '143']) expect(page).toContain(`\n.B ${code}\n`);
    expect(page).not.toContain('__complete');
    expect(page).toContain("'database upgrade CHG-1042'".replaceAll("'", '\\(aq'));
  });

  it('has no request that a formatter does not know, nor a character that it cannot show', async ({ skip }) => {
    const { out } = await operator.piped(['help', 'man']);
    const checked = spawnSync('groff', ['-man', '-ww', '-z', '-Tascii'], { input: out, encoding: 'utf8' });
    if (checked.error) skip('groff is not installed');
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });
});
