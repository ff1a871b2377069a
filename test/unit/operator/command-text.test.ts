import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperatorFault } from '../../../operator/access/remedy.ts';
import { commandsBeside } from '../../../operator/cli/terminal/command-text.ts';
import { faultText } from '../../../operator/cli/terminal/remedy-text.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'operator', 'cli');

describe('a command that another one names', () => {
  it.each([
    ['status', 'maintenance-window replay'],
    ['status --context staging', 'maintenance-window replay --context staging'],
    ['--profile ops status --region=eu-south-1', 'maintenance-window replay --profile ops --region=eu-south-1'],
    ['status --parameter a,b --table t -o json', 'maintenance-window replay --parameter a,b --table t'],
    [
      'status --endpoint-url http://127.0.0.1:1/?a=b',
      "maintenance-window replay --endpoint-url 'http://127.0.0.1:1/?a=b'",
    ],
  ])('goes where %s goes', (typed, command) => {
    expect(commandsBeside(typed.split(' '))(['replay'])).toBe(command);
  });

  it('says itself what it says otherwise', () => {
    const command = commandsBeside(['doctor', '--parameter', 'a,b', '--table=t']);
    expect(command(['begin', '--parameter', 'a'])).toBe('maintenance-window begin --parameter a --table=t');
  });

  it.each([
    ['begin --parameter a,b --edit b', ['end', '3f9a1c'], 'maintenance-window end 3f9a1c --parameter a,b --edit b'],
    ['end --edit=b', ['schedule', 'remove', '3f9a1c'], 'maintenance-window schedule remove 3f9a1c --edit=b'],
    ['begin --edit b', ['schedule', 'list'], 'maintenance-window schedule list'],
    ['begin --edit b', ['begin', '--parameter', 'c'], 'maintenance-window begin --parameter c'],
  ])('edits what %s edits, where it edits at all', (typed, words, command) => {
    expect(commandsBeside(typed.split(' '))(words)).toBe(command);
  });

  it('is quoted for a shell', () => {
    expect(commandsBeside(['x', '--table', '$(id)'])(['end'])).toBe("maintenance-window end --table '$(id)'");
  });

  it('goes there as the remedy of a fault, too', () => {
    const fault = new OperatorFault('MaintenanceWindow.Usage', 'it fails', { kind: 'end-window', id: '3f9a1c' });
    expect(faultText(fault, commandsBeside(['extend', '--context', 'staging']))).toBe(
      'it fails; to end it now:  maintenance-window end 3f9a1c --context staging',
    );
  });
});

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** Help and completion know of no place, and so does an example. */
const HELP = /^(?:help|completion)\//;
const EXAMPLES = { 'windows/check.ts': 1 };

describe('the command line', () => {
  it('writes no command by hand, which would forget the place', () => {
    const files = globSync('**/*.ts', { cwd: CLI })
      .filter((file) => !HELP.test(file))
      .sort();
    expect(files.length).toBeGreaterThan(60);
    const byHand = files.map((file) => {
      const code = readFileSync(join(CLI, file), 'utf8').replaceAll(COMMENT, '');
      return [file, code.match(/maintenance-window (?=[a-z-])/g)?.length ?? 0] as const;
    });
    expect(Object.fromEntries(byHand.filter(([, count]) => count > 0))).toEqual(EXAMPLES);
  });
});
