import type { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARGUMENT_VALUES, candidatesAt, OPTION_VALUES } from '../../../operator/cli/completion/candidates.ts';
import { shellWords } from '../../../operator/cli/completion/shell-words.ts';
import { readTypedLine } from '../../../operator/cli/completion/typed-line.ts';
import { createProgram } from '../../../operator/cli/program.ts';

const program = createProgram(() => async () => undefined, process as never);

/** What is offered behind the tool's name; the last word is not whole yet. */
function offered(...words: readonly string[]): readonly string[] | string {
  const line = readTypedLine(program, words);
  const candidates = candidatesAt(line);
  if (candidates.kind === 'asked') return candidates.of;
  if (candidates.kind === 'files') return candidates.kind;
  return candidates.words.map(({ word }) => word).filter((word) => word.startsWith(line.begun));
}

describe('what is offered', () => {
  it.each([
    [['sta'], ['status']],
    [['events', 'l'], ['list']],
    [['--region', 'eu-south-1', 'sch'], ['schedule']],
    [['--region=eu-south-1', 'sch'], ['schedule']],
    [['events', 'list', '--status', 'p'], ['pending']],
    [['events', 'list', '--status=p'], ['pending']],
    // one option takes several values, until the next one
    [['events', 'list', '--status', 'pending', 'f'], ['failed']],
    [['events', 'list', '--status', 'pending', '--so'], ['--source']],
    [['events', 'list', '--source', 'eventb'], ['eventbridge']],
    [
      ['status', '-o', ''],
      ['table', 'json'],
    ],
    [['status', '--wait'], ['--wait-quiet']],
    [['status', '--reg'], ['--region']],
    [['begin', '--timezone', 'Europe/Ro'], ['Europe/Rome']],
    [['help', 'sch'], ['schedule']],
    [['help', 'schedule', 'a'], ['add']],
    [['help', 'exi'], ['exit-codes']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['replay', '--mode', 'ev'], ['event']],
    [
      ['config', '--json', ''],
      ['option', 'value', 'from'],
    ],
    [['config', '--json', 'option,v'], ['option,value']],
    [
      ['events', 'list', '--count', '--json='],
      ['events', 'bytes', 'groups'],
    ],
    [['config', '--json', '--jq', ''], []],
    // nothing is known of it
    [['begin', '--for', ''], []],
    [['schedule', 'edit', 'abc', ''], []],
    [['events', 'show', 'abc', ''], []],
    [['no-such-command', ''], []],
    [['__comp'], []],
  ])('for %j is %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it.each([
    [['end', ''], 'active-windows'],
    [['extend', ''], 'active-windows'],
    [['schedule', 'remove', 'abc', ''], 'windows'],
    [['begin', '--function', ''], 'functions'],
    [['begin', '--function', 'orders', ''], 'functions'],
    [['invoke', ''], 'functions'],
    [['schedule', 'edit', ''], 'windows'],
    [['replay', ''], 'events'],
    [['replay', '--limit', '3', 'abc', ''], 'events'],
    [['events', 'show', ''], 'events'],
    [['events', 'discard', ''], 'events'],
    [['events', 'restore', ''], 'discarded-events'],
    [['status', '--context', ''], 'contexts'],
    [['context', 'use', ''], 'contexts'],
    [['status', '--profile', ''], 'profiles'],
    [['check', ''], 'files'],
    [['check', '--event', ''], 'files'],
  ])('for %j has to be asked: %s', (words, expected) => {
    expect(offered(...words)).toBe(expected);
  });

  it('takes the place from the line', () => {
    const { values } = readTypedLine(program, ['--profile', 'ops', 'end', '--region=eu-west-1', '']);
    expect(values).toEqual({ profile: 'ops', region: 'eu-west-1' });
  });
});

describe('what is known of values', () => {
  const commands = allBelow(program);

  it('is of options that there are', () => {
    const flags = new Set([program, ...commands].flatMap(({ options }) => options.map(({ long }) => long)));
    expect(Object.keys(OPTION_VALUES).filter((flag) => !flags.has(flag))).toEqual([]);
  });

  it('is of commands that there are', () => {
    const paths = commands.map((command) => pathOf(command));
    expect(Object.keys(ARGUMENT_VALUES).filter((path) => !paths.includes(path))).toEqual([]);
  });
});

it('never fails, whatever the line', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('events', 'list', '--status', '--', '-o', '--function=', 'help', 'schedule', "'", '\\'),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(offered(...words)).toBeDefined();
      expect(shellWords(words.join(' ')).length).toBeGreaterThan(0);
    }),
  );
});

it.each([
  ['mw ', ['mw', '']],
  ['mw ev', ['mw', 'ev']],
  ["mw begin --reason 'a  b", ['mw', 'begin', '--reason', 'a  b']],
  ['mw begin --reason "it\'s \\"so\\"" ', ['mw', 'begin', '--reason', 'it\'s "so"', '']],
  ['mw a\\ b', ['mw', 'a b']],
  ['echo x | mw ev', ['mw', 'ev']],
  ['cd /tmp && mw ev', ['mw', 'ev']],
  ['mw --from 23:00 --status=pe', ['mw', '--from', '23:00', '--status=pe']],
])('reads %j as bash does', (line, words) => {
  expect(shellWords(line)).toEqual(words);
});

function allBelow(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...allBelow(each)]);
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}
