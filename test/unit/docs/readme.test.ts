import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../core/gate/config.ts';
import { parsePolicy } from '../../../core/sources/policy.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { parseWindows } from '../../../core/windows/window.ts';
import { parseWithReplay } from '../../../core/windows/with-replay.ts';
import { pageText, sectionOf, tableIn } from './pages.ts';

const reference = pageText('docs/cli.md');
const readme = pageText('README.md');
const eventSources = pageText('docs/event-sources.md');

/** What each event source’s row has to say. */
const SOURCE_ROWS = Object.entries(EVENT_SOURCES).map(([key, source]) => [
  `\`${key}\``,
  source.senders,
  source.action,
  source.reply,
  source.settings.map((word) => `\`${word}\``).join(' '),
]);

/** Windows and policies that stand in a page as JSON, in blocks and in sentences. */
function examplesIn(page: string): { readonly windows: readonly string[]; readonly policies: readonly string[] } {
  const blocks = [...page.matchAll(/```(?:json)?\n([[{\d][^`]*)\n```/g)].map(([, block = '']) => block);
  const inline = [...page.matchAll(/`(\{"[^`]*\})`/g)]
    .map(([, code = '']) => code)
    .filter((code) => !/…|statusCode|batchItem|success/.test(code));
  const windows = [...blocks, ...inline].filter((text) => !text.startsWith('{') || text.includes('"version"'));
  return { windows, policies: [...blocks, ...inline].filter((text) => !windows.includes(text)) };
}

describe('the reference of the tool', () => {
  it('says of each event source that has an order what is replayed one at a time', () => {
    const rows = [...reference.matchAll(/^\| `([a-z-]+)` \| ([^|`]+) \|$/gm)].map(([, key, order]) => [key, order]);
    const ordered = Object.entries(EVENT_SOURCES).flatMap(([key, source]) =>
      'order' in source ? [[key, source.order]] : [],
    );
    expect(rows.filter(([key = '']) => key in EVENT_SOURCES)).toEqual(ordered);
  });
});

describe('the page on event sources', () => {
  it('says what each one’s caller sees, and which settings it takes', () => {
    expect(tableIn(sectionOf(eventSources, '## The sources'))).toEqual(SOURCE_ROWS);
  });
});

describe('the page on event sources, on rules', () => {
  const rules = sectionOf(eventSources, '## Rules');

  it('quotes the parser’s own message', () => {
    const parsed = parsePolicy({ rules: [{ match: { type: 'warm-up' }, do: 'answer' }] }, 'policy');
    expect(rules.replaceAll('\n', ' ')).toContain(`\`${parsed.kind === 'fault' && parsed.message}\``);
  });

  it('names every operator of a pattern', () => {
    const parsed = parsePolicy({ rules: [{ match: { type: [{}] }, do: 'answer' }] }, 'policy');
    const [, operators = ''] = /write one of (.*)$/.exec(parsed.kind === 'fault' ? parsed.message : '') ?? [];
    expect(operators.split(', ').length).toBe(8);
    for (const operator of [...operators.split(', '), '$or']) expect(rules).toContain(`\`${operator}\``);
  });
});

describe('the README', () => {
  it('lists every setting with its default and its meaning', () => {
    expect(tableIn(sectionOf(readme, '## Configuration'))).toEqual(
      Object.values(SETTINGS).map((setting) => [
        `\`${setting.name}\``,
        `\`${setting.default}\``,
        setting.unit,
        setting.meaning,
      ]),
    );
  });

  it('shows ten event sources, as they are', () => {
    const rows = tableIn(sectionOf(readme, '## What callers see'));
    expect(rows).toHaveLength(10);
    expect(rows).toEqual(SOURCE_ROWS.filter(([key]) => rows.some(([shown]) => shown === key)));
  });

  it('says how many event sources there are', () => {
    for (const page of [readme, eventSources]) expect(page).toContain(` ${SOURCE_ROWS.length} event sources`);
  });

  it.each([
    ['README.md', 3, 1],
    ['docs/event-sources.md', 1, 6],
  ])('has examples that are what they claim to be: %s', (page, windowCount, policyCount) => {
    const { windows, policies } = examplesIn(pageText(page));
    expect([windows.length, policies.length]).toEqual([windowCount, policyCount]);
    for (const text of windows) expect(parseWithReplay(text)).toMatchObject({ kind: 'windows' });
    for (const text of policies) expect(parsePolicy(JSON.parse(text), 'policy')).toMatchObject({ kind: 'policy' });
  });

  it('quotes the parser’s own message', () => {
    const text =
      '{"version":1,"windows":[{"start":"2026-11-21T00:00:00Z","end":"2026-11-22T00:00:00Z"},{"schedule":"cron(0 2 ? * SUN *)","duration":"2 hours"}]}';
    const parsed = parseWindows(text);
    expect(readme).toContain(`\`${parsed.kind === 'fault' && parsed.message}\``);
  });
});

describe('a page that shows npm scripts', () => {
  it.each(['README.md', 'CONTRIBUTING.md'])('shows only those that there are: %s', (page) => {
    const { scripts } = JSON.parse(pageText('package.json'));
    const shown = [...pageText(page).matchAll(/npm (?:run )?(start|test|(?<=run )[\w:]+)/g)].map(
      (match) => match[1] ?? '',
    );
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('lists every lane of the tests', () => {
    const { scripts } = JSON.parse(pageText('package.json'));
    const lanes = Object.keys(scripts).filter((name) => name.startsWith('test:'));
    const rows = tableIn(sectionOf(pageText('CONTRIBUTING.md'), '## Tests')).map(([lane]) => lane);
    expect(rows).toEqual(lanes.map((name) => `\`npm run ${name}\``));
  });
});
