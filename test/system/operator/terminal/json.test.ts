import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { JSON_COMMANDS, shapeOf } from '../../../../operator/cli/json/fields.ts';
import { pageText, sectionOf } from '../../../unit/docs/pages.ts';
import { runCli, runShell } from '../../../worlds/cli.ts';
import { cliWorldForEach, type RunningCli, startCli } from '../../../worlds/replay-cli.ts';
import { activeDocument, ESCAPE, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

// Some fields of a command's JSON, and what an expression of jq makes of it.

const operator = windowOperatorForEach();
const world = cliWorldForEach();
const cli = (words: readonly string[]) => runCli(words, { environment: world.environment });

const TWO = JSON.stringify({
  version: 1,
  windows: [
    { start: '2040-01-14T22:00:00Z', end: '2040-01-15T02:00:00Z', reason: 'first\u001b[31m\twindow' },
    { start: '2040-02-14T22:00:00Z', end: '2040-02-15T02:00:00Z', functions: ['billing'] },
  ],
});

describe('--json', () => {
  it('has the fields that are named, of each row', async () => {
    await operator.put(TWO);
    const { out } = await operator.piped(['next', '--json', 'start,reason,functions']);
    expect(out).toBe(
      `[{"start":"2040-01-14T22:00:00Z","reason":"first\\u001b[31m\\twindow","functions":null},{"start":"2040-02-14T22:00:00Z","reason":null,"functions":["billing"]}]\n`,
    );
  });

  it('has them of the one object, of a command that writes one', async () => {
    await operator.put(activeDocument({ reason: 'CHG-7' }));
    const { code, out } = await operator.piped(['status', '--json=windows,active', '--exit-code']);
    expect({ code, json: JSON.parse(out) }).toEqual({
      code: 11,
      json: { windows: [expect.objectContaining({ reason: 'CHG-7' })], active: true },
    });
  });

  it.each(JSON_COMMANDS)('without fields names those of %s, and nothing is done', async (path) => {
    await operator.put(NO_WINDOWS);
    // what a command has to be given; a value for --json would be taken for fields
    const given = path.startsWith('events') || path === 'invoke' || path.startsWith('context') ? ['abc'] : [];
    const more = /remove|edit|show|restore|add|replays (?!list)/.test(path) && given.length === 0 ? ['abc'] : given;
    const words = /context list|events (list|backlog|failures|export|sweep)/.test(path) ? [] : more;
    const { code, out, err } = await operator.piped([...path.split(' '), ...words, '--json'], { keepsPlace: true });
    const fields = shapeOf(path, () => false).fields.join(', ');
    expect({ code, out, err }).toEqual({
      code: 64,
      out: '',
      err: `maintenance-window: --json: name fields, commas between: ${fields}\n`,
    });
    expect(await operator.versions()).toHaveLength(1);
  });

  it('stands in the help of each command', async () => {
    const { out } = await operator.piped(['events', 'list', '--help']);
    expect(out).toContain('\nJSON fields with --count:\n  events, bytes, groups\n');
    expect(out).toContain('\nJSON fields:\n  id, function, source, status, ');
  });
});

describe('what cannot be', () => {
  it.each([
    [
      ['begin', '--json', 'wndow'],
      /^--json: there is no field "wndow": did you mean window\? there are written, parameter, .*, added$/,
    ],
    [
      ['begin', '--jq', '.window | bad(1)'],
      /^--jq: bad\/1 is not defined, line 1, column 11: "bad"; correct it there, as https:\S+ has it$/,
    ],
    [['begin', '--json', 'window', '--jq', '.window['], /^--jq: syntax error, .*, line 1, column 8: "\["; correct it/],
    [['begin', '--jq', '.', '-o', 'table'], /^--jq and -o table are two forms: say one of them$/],
    [['next', '--ics', '--jq', '.'], /^--jq: next writes no JSON with --ics: leave it out$/],
    [
      ['events', 'show', 'abc', '--body', '--json', 'id'],
      /^--json: events show writes no JSON with --body: leave it out$/,
    ],
    [['setup', '--print', 'iam', '--jq', '.'], /^--jq: setup writes no JSON with --print: leave it out$/],
  ])('%j is refused in one line, before anything is done', async (words, message) => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped(words, { keepsPlace: true });
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(/^maintenance-window: [^\n]+\n$/);
    expect(err.replace('maintenance-window: ', '').trimEnd()).toMatch(message);
    expect(await operator.versions()).toHaveLength(1);
  });
});

describe('--jq', () => {
  it('filters all that -o json has, with texts raw and each result on a line', async () => {
    await operator.put(TWO);
    const { code, out, err } = await operator.piped([
      'next',
      '--jq',
      '.next[] | .start, .functions, (.reason | length)',
    ]);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '2040-01-14T22:00:00Z\nnull\n17\n2040-02-14T22:00:00Z\n["billing"]\n0\n',
      err: '',
    });
    expect(await operator.piped(['next', '-o', 'json', '--jq', '.next | length'])).toMatchObject({ out: '2\n' });
  });

  it('filters the rows where --json names fields', async () => {
    await operator.put(TWO);
    const { out } = await operator.piped(['next', '--json', 'start,reason', '--jq', '.[] | keys, length']);
    expect(out).toBe('["reason","start"]\n2\n'.repeat(2));
  });

  it('writes a text byte for byte in a pipe, and spelled out on a terminal', async () => {
    await operator.put(TWO);
    const words = ['next', '--jq', '.next[0] | [.start, .reason | tostring] | join("\\t")'];
    expect((await operator.piped(words)).out).toBe(`2040-01-14T22:00:00Z\tfirst${ESCAPE}[31m\twindow\n`);
    const { out } = await operator.terminal(words);
    expect(out).toBe('2040-01-14T22:00:00Z    first\\u001b[31m window\n');
  });

  it('is all that a line of a table needs', async () => {
    await operator.put(TWO);
    const { out } = await operator.piped(['next', '--jq', '.next[] | [.start, .functions[0]] | @tsv']);
    expect(out).toBe('2040-01-14T22:00:00Z\t\n2040-02-14T22:00:00Z\tbilling\n');
  });

  it('says where it fails on what the command tells, behind what came before', async () => {
    await operator.put(TWO);
    expect(await operator.piped(['next', '--jq', '.next[] | .start, .start.x'])).toEqual({
      code: 64,
      out: '2040-01-14T22:00:00Z\n',
      err: 'maintenance-window: --jq: Cannot index string with string ("x"); leave it out to see the JSON that it filters\n',
    });
  });

  it('leaves what a command did, and says so', async () => {
    await operator.put(NO_WINDOWS);
    const { code, out, err } = await operator.piped([
      'begin',
      '--for',
      '1h',
      '--function',
      'orders-api',
      '--jq',
      '.[0]',
    ]);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toBe(
      'maintenance-window: --jq: Cannot index object with number (0); what the command did stands, and only its output is missing\n',
    );
    expect(await operator.text()).toContain('orders-api');
  });

  it('leaves the exit code of a command that has one', async () => {
    await operator.put(activeDocument());
    const status = (filter: string) => operator.piped(['status', '--exit-code', '--jq', filter]);
    expect(await status('.active')).toEqual({ code: 11, out: 'true\n', err: '' });
    expect(await status('.active.x')).toMatchObject({
      code: 11,
      out: '',
      err: expect.stringContaining('--jq: Cannot'),
    });
    const missing = ['status', '--parameter', 'a:3', '--jq', '.active'];
    expect(await operator.piped(missing)).toEqual(await operator.piped(['status', '--parameter', 'a:3']));
  });

  it('lets debug speak on stderr', async () => {
    const { out, err } = await operator.piped(['config', '--jq', '.settings[0].option | debug']);
    expect({ out, err }).toEqual({ out: '--parameter\n', err: '["DEBUG:","--parameter"]\n' });
  });
});

describe('on a terminal', () => {
  it('JSON has a line for each value, and no pager', async () => {
    await operator.put(TWO);
    const environment = { PAGER: 'sed s/^/paged:/' };
    const size = { columns: 80, rows: 3 };
    const { out } = await operator.terminal(['next', '--json', 'start'], { environment, size });
    expect(out).toBe(
      '[\n  {\n    "start": "2040-01-14T22:00:00Z"\n  },\n  {\n    "start": "2040-02-14T22:00:00Z"\n  }\n]\n',
    );
    const filtered = await operator.terminal(['next', '--jq', '.next[1] | {start}, .start'], { environment, size });
    expect(filtered.out).toBe('{\n  "start": "2040-02-14T22:00:00Z"\n}\n2040-02-14T22:00:00Z\n');
  });

  it('what is wrong is one line, too', async () => {
    const { code, out } = await operator.terminal(['status', '--json']);
    expect(code).toBe(64);
    expect(out).toContain('--json: name fields, commas between: at, active, ');
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('status --watch', () => {
  let tool: RunningCli | undefined;
  afterEach(async () => {
    tool?.child.kill();
    await tool?.ended();
  });

  it('has a line for each change of what is shown, and for no other', async () => {
    await operator.put(NO_WINDOWS);
    const environment = { AWS_REGION: 'eu-south-1', ...operator.environment };
    tool = startCli(['status', '--watch', '--interval', '1s', '--jq', '.windows[0].reason'], environment);
    await tool.wrote('null\n');
    await operator.put(activeDocument({ reason: 'first' }));
    await tool.wrote('first\n');
    // another end and other functions, and the same reason
    await operator.put(activeDocument({ reason: 'first', functions: ['billing'] }));
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await operator.put(activeDocument({ reason: 'second' }));
    await tool.wrote('second\n');
    expect(tool.out).toBe('null\nfirst\nsecond\n');
  });
});

describe('commands that write lines', () => {
  it('filter each of them: replay', async () => {
    const ids = await world.storeMany(3);
    const { code, out } = await cli(['replay', '--function', world.functionName, '--json', 'id,outcome']);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(out).not.toContain('summary');
  });

  it('filter each of them: the summary of a replay', async () => {
    await world.storeMany(2);
    const { out } = await cli([
      'replay',
      '--function',
      world.functionName,
      '--jq',
      'select(.summary).summary | "\\(.replayed) done"',
    ]);
    expect(out).toBe('2 done\n');
  });

  it('replay all events, although the filter fails on each', async () => {
    const ids = await world.storeMany(3);
    const { code, out, err } = await cli(['replay', '--function', world.functionName, '--jq', 'select(.id).id.x']);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err.match(/--jq: /g)).toHaveLength(1);
    expect(err).toContain('what the command did stands');
    expect(await Promise.all(ids.map(world.statusOf))).toEqual(['replayed', 'replayed', 'replayed']);
  });

  it('filter each of them: events export, whose text is its own', async () => {
    await world.store({}, '{"order": 1}');
    expect((await cli(['events', 'export', '--function', world.functionName, '--jq', '.text'])).out).toBe(
      '{"order": 1}\n',
    );
    const { out } = await cli(['events', 'export', '--function', world.functionName, '--json', 'text']);
    expect(JSON.parse(out)).toEqual({ text: '{"order": 1}' });
  });

  it('are as they were without either', async () => {
    await world.storeMany(2);
    const { out } = await cli(['events', 'export', '--function', world.functionName]);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).function),
    ).toEqual(Array.from({ length: 2 }, () => world.functionName));
  });
});

describe('docs/cli.md', () => {
  const block = /```sh\n(.*?)```/s.exec(sectionOf(pageText('docs/cli.md'), '### Fields and filters'))?.[1] ?? '';
  const lines = block.trim().split('\n');

  it('has examples', () => expect(lines.length).toBeGreaterThan(3));

  it.each(lines.filter((line) => !line.includes('--watch')))('is run as written: %s', async (line) => {
    await world.storeMany(1);
    await world.setWindows(activeDocument());
    const script = line.replace(/^maintenance-window /, '$MW ');
    const { out, err } = await runShell(`${script}; echo "code $?" >&2`, world.environment);
    expect(err).toMatch(/code 0\n$/);
    expect(out).not.toBe('');
    await world.clearWindows();
  });
});

it('a script can read the id of what it began', async () => {
  await operator.put(NO_WINDOWS);
  const script = join(operator.folder, 'begin.sh');
  writeFileSync(
    script,
    'id=$($MW begin --for 1h --function orders-api --jq .window.id) && $MW end "$id" --jq ".ended[].id"\n',
  );
  const { out } = await runShell(`. ${script}`, operator.environment);
  expect(out).toMatch(/^[0-9a-f]{6}\n$/);
});
