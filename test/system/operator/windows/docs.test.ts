/** `docs/cli.md` is run as it is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../../core/gate/config.ts';
import { EXIT_CODES } from '../../../../operator/cli/exit-code.ts';
import { type LambdaFunctions, startLambdaFunctions } from '../../../fakes/lambda-functions.ts';
import {
  activeDocument,
  NO_WINDOWS,
  startWindowOperator,
  type WindowOperator,
} from '../../../worlds/window-operator.ts';

const docs = readFileSync(join(import.meta.dirname, '../../../../docs/cli.md'), 'utf8');
const PARAMETER = SETTINGS.parameters.default;

let operator: WindowOperator;
let lambda: LambdaFunctions;
/** The same functions, quiet some seconds after an edit. */
let quick: LambdaFunctions;
/** The default parameter, a user of this name, and the functions of the docs. */
let environment: Record<string, string | undefined>;

beforeAll(async () => {
  operator = await startWindowOperator();
  const reading = { Variables: { MAINTENANCE_WINDOW_PARAMETER: PARAMETER } };
  lambda = await startLambdaFunctions([
    { FunctionName: 'billing', Timeout: 10, PackageType: 'Image', Environment: reading },
    { FunctionName: 'orders-api', Timeout: 29, PackageType: 'Image', Environment: reading },
  ]);
  const quickly = { Variables: { ...reading.Variables, MAINTENANCE_WINDOW_TTL: '1' } };
  quick = await startLambdaFunctions([
    { FunctionName: 'billing', Timeout: 1, PackageType: 'Image', Environment: quickly },
    { FunctionName: 'orders-api', Timeout: 1, PackageType: 'Image', Environment: quickly },
  ]);
  environment = {
    MAINTENANCE_WINDOW_PARAMETER: undefined,
    AWS_ACCESS_KEY_ID: 'ada',
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
  };
});
afterAll(() => Promise.all([operator, lambda, quick].map((each) => each[Symbol.asyncDispose]())));

/** A command of the docs, and what they say that it prints. */
interface Example {
  readonly words: readonly string[];
  readonly output: string;
}

/** The commands of all `console` blocks. */
function consoleExamples(): readonly Example[] {
  const blocks = [...docs.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((example) => {
      const [command = '', ...output] = example.split('\n');
      return { words: wordsOf(command), output: output.join('\n') };
    });
}

/** The commands that stand under a heading in `sh` blocks. */
function examplesUnder(heading: string): readonly (readonly string[])[] {
  const section = docs.split(`\n### ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  const block = /^```sh\n(.*?)^```$/ms.exec(section)?.[1] ?? '';
  return block
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => wordsOf(line.replace(/^cat .* \| | > \S+$/g, '')));
}

/** As a shell has it, as far as the docs go. */
function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(words.shift(), command).toBe('maintenance-window');
  return words;
}

/** A file of the docs, where it is. */
function fileOf(word: string): string {
  return word.endsWith('.json') ? join(operator.folder, word) : word;
}

/** Text without what differs from night to night: instants, distances, ids, and the width of columns. */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT')
    .replaceAll(/\((?:in [\w ]+|[\w ]+ ago)\)/g, '(DISTANCE)')
    .replaceAll(/[\d]+ [\w ]+(?= (?:earlier|later) than before)/g, 'SOME')
    .replaceAll(/\b(?=\d*[a-f]?)[0-9a-f]{6}\b/g, 'ID')
    .replaceAll(/ {2,}/g, '  ')
    .trim();
}

it('the night goes as it is told', async () => {
  await operator.put(NO_WINDOWS, PARAMETER);
  writeFileSync(fileOf('event.json'), '{"order":7}');
  const examples = consoleExamples();
  expect(examples.length).toBeGreaterThan(7);
  for (const { words, output } of examples) {
    const { code, out } = await operator.piped(words.map(fileOf), { environment });
    expect({ code, out: withoutTimes(out) }, words.join(' ')).toEqual({ code: 0, out: withoutTimes(output) });
  }
});

describe('every example of a command about windows runs:', () => {
  it.each(['status', 'next', 'begin', 'extend', 'end', 'schedule', 'check', 'history', 'report'])(
    '%s',
    async (heading) => {
      writeFileSync(fileOf('windows.json'), activeDocument());
      writeFileSync(fileOf('event.json'), '{"order":7}');
      const examples = examplesUnder(heading);
      expect(examples.length).toBeGreaterThan(1);
      await operator.put(activeDocument({ reason: 'of the stack' }), 'stack-windows');
      await operator.put(NO_WINDOWS, PARAMETER);
      const here = { ...environment, AWS_ENDPOINT_URL_LAMBDA: quick.url };
      for (const example of examples) {
        if (heading === 'extend' || heading === 'report') await operator.put(activeDocument(), PARAMETER);
        if (example.includes('--wait-quiet')) await operator.put(activeDocument(), PARAMETER);
        if (heading === 'end')
          await operator.put(example.includes('--edit') ? NO_WINDOWS : activeDocument(), PARAMETER);
        const { windows } = await operator.json(['schedule', 'list'], { environment });
        const words = example.map((word, index) => {
          if (heading === 'report' && example[index - 1] === '--at') return 'now'; // this window is younger than Sunday
          return /^[0-9a-f]{6}$/.test(word) ? windows[0].id : fileOf(word);
        });
        const { code, err } = await operator.piped(words, { environment: here, input: activeDocument() });
        expect({ code, words, err }).toEqual({ code: 0, words, err });
      }
    },
  );
});

it('every command has its place, with an example', async () => {
  const { out } = await operator.piped(['--help']);
  const commands = [...(out.split('Commands:\n')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w+)/gm)].map(
    ([, name]) => name ?? '',
  );
  for (const command of commands.filter((name) => name !== 'help')) {
    expect(examplesUnder(command)[0], command).toBeDefined();
  }
});

it('the help of every command shows examples of that command, as somebody would type them', async () => {
  const helps = await helpOf([]);
  expect(helps.length).toBeGreaterThan(15);
  for (const { words, help } of helps) {
    const examples = help.split('\nExamples:\n')[1]?.split('\n\n')[0]?.trim().split('\n') ?? [];
    const ours = examples.flatMap((line) => line.split(' | ')).filter((part) => part.includes('maintenance-window'));
    expect(ours.length, help).toBeGreaterThanOrEqual(Math.max(examples.length, 1));
    for (const part of ours) expect(`${part.trim()} `).toContain(`maintenance-window ${words.join(' ')} `);
    for (const part of ours) expect(part.trim()).toMatch(/^maintenance-window /);
  }
});

/** Of each command below these words that has none below it. */
async function helpOf(
  words: readonly string[],
): Promise<{ readonly words: readonly string[]; readonly help: string }[]> {
  const { out: help } = await operator.piped([...words, '--help']);
  const list = help.split('Commands:\n')[1]?.split('\n\n')[0];
  if (list === undefined) return [{ words, help }];
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '').filter((name) => name !== 'help');
  return (await Promise.all(names.map((name) => helpOf([...words, name])))).flat();
}

it('the exit codes are those that there are', () => {
  const rows =
    docs
      .split('\n## Exit codes\n')[1]
      ?.split('\n')
      .filter((line) => /^\| \d/.test(line)) ?? [];
  expect(rows).toEqual([...EXIT_CODES].map(([code, when]) => `| ${code} | ${when} |`));
});

it('the settings are those that there are', async () => {
  const { out } = await operator.piped(['status', '--help']);
  const rows = [
    ...(docs.split('\n## Settings\n')[1] ?? '').matchAll(/^\| `(--[\w-]+) \w+`(?:, `--no-[\w-]+`)? \| `(\w+)`/gm),
  ];
  expect(rows.map(([, option]) => option)).toEqual([
    '--parameter',
    '--table',
    '--profile',
    '--region',
    '--endpoint-url',
    '--context',
  ]);
  for (const [, option, variable = ''] of rows)
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`${option} .*${variable}`));
});
