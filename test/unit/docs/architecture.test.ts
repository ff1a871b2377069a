import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importsText, pictureOf, readRooms } from './house-rules.ts';
import { PAGES, pageText, pathsIn, ROOT, sectionOf, tableIn } from './pages.ts';

const page = pageText('docs/architecture.md');
const rooms = readRooms(ROOT);

/** Says what happened, and is left as it was written. */
const HISTORY = ['CHANGELOG.md', 'docs/decisions.md'];

describe('the map of the house', () => {
  it('has a row for each room that biome.json knows, with what that may import', () => {
    const rows = tableIn(sectionOf(page, '## The rooms')).map(([room, , imports]) => `${room} | ${imports}`);
    expect(rows).toEqual(rooms.map((room) => `\`${room.name}\` | ${importsText(room)}`));
  });

  it('has rooms in such an order that imports point upwards in the table alone, so in no circle', () => {
    const above = new Set<string>();
    for (const { name, imports } of rooms) {
      const isAbove = (path: string) =>
        [...above].some((room) => `${path}/`.startsWith(`${room}/`) || room.startsWith(`${path}/`));
      expect([name, imports.filter((path) => !isAbove(path))]).toEqual([name, []]);
      above.add(name);
    }
  });

  it('draws the arrows of biome.json', () => {
    const [, picture = ''] = /```mermaid\n([^`]*)\n```/.exec(page) ?? [];
    expect(picture.split('\n')).toEqual(pictureOf(rooms));
  });

  it.each(['## One deferred event', '## One replay'])('walks through the files without going back: %s', (heading) => {
    const paths = pathsIn(sectionOf(page, heading));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
});

describe('every page', () => {
  it.each(PAGES.filter((name) => !HISTORY.includes(name)))('names only files that there are: %s', (name) => {
    const missing = pathsIn(pageText(name)).filter((path) => globSync(path, { cwd: ROOT }).length === 0);
    expect(missing).toEqual([]);
  });

  it.each(PAGES)('links only to pages and headings that there are: %s', (name) => {
    expect(brokenLinks(name)).toEqual([]);
  });

  it.each(PAGES.filter((name) => name !== 'docs/decisions.md'))('is wrapped at 100 columns: %s', (name) => {
    expect(longLines(pageText(name))).toEqual([]);
  });
});

/** Links without a scheme, whose file or heading is not there. */
function brokenLinks(name: string): string[] {
  const folder = name.replace(/[^/]*$/, '');
  const prose = pageText(name).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? name : new URL(path, `file:///${folder}`).pathname.slice(1);
    if (globSync(file, { cwd: ROOT }).length === 0) return true;
    return anchor !== undefined && !anchorsOf(pageText(file)).includes(anchor);
  });
}

/** What GitHub makes of headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Prose only: a table's row and what stands in code is as long as it has to be, and so is one word. */
function longLines(text: string): string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return prose
    .split('\n')
    .filter((line) => [...line].length > 100 && !line.startsWith('|') && !line.startsWith('#'))
    .filter((line) =>
      line
        .trim()
        .replace(/^(?:[-*]|\d+\.) /, '')
        .replaceAll(/`[^`]*`/g, 'code')
        .includes(' '),
    );
}
