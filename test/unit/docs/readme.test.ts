import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../core/gate/config.ts';
import { parsePolicy } from '../../../core/sources/policy.ts';
import { EVENT_SOURCES } from '../../../core/sources/sources.ts';
import { parseWindows } from '../../../core/windows/window.ts';

const reference = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');

/** The cells of the table that stands under a heading. */
function tableUnder(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') || line.startsWith('|-'));
  return rows.slice(2).map((row) => row.slice(2, -2).split(' | '));
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

describe('the README', () => {
  it('lists every setting with its default and its meaning', () => {
    expect(tableUnder('Configuration')).toEqual(
      Object.values(SETTINGS).map((setting) => [
        `\`${setting.name}\``,
        `\`${setting.default}\``,
        setting.unit,
        setting.meaning,
      ]),
    );
  });

  it('says what each event source’s caller sees, and which settings it takes', () => {
    expect(tableUnder('What callers see')).toEqual(
      Object.entries(EVENT_SOURCES).map(([key, source]) => [
        `\`${key}\``,
        source.senders,
        source.action,
        source.reply,
        source.settings.map((word) => `\`${word}\``).join(' '),
      ]),
    );
  });

  it('shows windows and policies that are what it says', () => {
    const blocks = [...readme.matchAll(/```(?:json)?\n([[{\d][^`]*)\n```/g)].map(([, block = '']) => block);
    const inline = [...readme.matchAll(/`(\{"[^`]*\})`/g)]
      .map(([, code = '']) => code)
      .filter((code) => !/…|statusCode|batchItem|success/.test(code));
    const windows = [...blocks, ...inline].filter((text) => !text.startsWith('{') || text.includes('"version"'));
    const policies = [...blocks, ...inline].filter((text) => !windows.includes(text));
    expect([windows.length, policies.length]).toEqual([3, 6]);
    for (const text of windows) expect(parseWindows(text)).toMatchObject({ kind: 'windows' });
    for (const text of policies) expect(parsePolicy(JSON.parse(text), 'policy')).toMatchObject({ kind: 'policy' });
  });

  it('quotes the parser’s own message', () => {
    const text =
      '{"version":1,"windows":[{"start":"2026-11-21T00:00:00Z","end":"2026-11-22T00:00:00Z"},{"schedule":"cron(0 2 ? * SUN *)","duration":"2 hours"}]}';
    const parsed = parseWindows(text);
    expect(readme).toContain(`\`${parsed.kind === 'fault' && parsed.message}\``);
  });

  it('shows only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    const shown = [...readme.matchAll(/npm (?:run )?(start|test|(?<=run )\w+)/g)].map((match) => match[1] ?? '');
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.filter((name) => !(name in scripts))).toEqual([]);
  });
});
