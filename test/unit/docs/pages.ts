/** The pages of this project, as their tests read them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../../..');

/** Every Markdown page that is ours, as paths from the root. */
export const PAGES: readonly string[] = globSync(
  [
    '*.md',
    'docs/*.md',
    '{core,aws,host,ric,operator,cloud,infra,local,build,exports,examples,handler,bench,test}/README.md',
  ],
  { cwd: ROOT },
).sort();

export function pageText(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The part of a page below a heading, up to the next one of its level or above. Empty where there is no such heading. */
export function sectionOf(text: string, heading: string): string {
  const [, after = ''] = text.split(`\n${heading}\n`);
  const level = heading.indexOf(' ');
  return after.split(new RegExp(`\n#{1,${level}} `))[0] ?? '';
}

/** The cells of the first table in a text, without its head. */
export function tableIn(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(' |')
      .map((cell) => cell.trim()),
  );
}

/** Paths of ours in code spans: a folder of the root, and what is in it. Patterns count as well. */
export function pathsIn(text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return spans.filter((span) =>
    /^(core|aws|host|ric|operator|cloud|infra|local|build|exports|examples|bench|handler|test|docs)\/[\w./*{},-]*$/.test(
      span,
    ),
  );
}
