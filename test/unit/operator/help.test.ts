import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../../operator/cli/help/environment.ts';
import { TOPICS } from '../../../operator/cli/help/topics.ts';
import { pageText, ROOT, sectionOf, tableIn } from '../docs/pages.ts';

const NAMES = ENVIRONMENT.map(([name]) => name);

describe('the variables of the help', () => {
  it('are those of docs/cli.md', () => {
    const rows = tableIn(sectionOf(pageText('docs/cli.md'), '### Variables'));
    expect(rows).toEqual(ENVIRONMENT.map(([name, meaning]) => [`\`${name}\``, meaning]));
  });

  it('are all that the tool reads', () => {
    const read = globSync('operator/{cli,contexts,access}/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\benvironment\['([A-Z_]+)'\]/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(read.length).toBeGreaterThan(5);
    // HOME is every program's, and AWS_ENDPOINT_URL_STS stands in the words of another one
    expect(read.filter((name) => !NAMES.includes(name) && !['HOME', 'AWS_ENDPOINT_URL_STS'].includes(name))).toEqual(
      [],
    );
  });
});

it('every topic stands in docs/cli.md', () => {
  const page = pageText('docs/cli.md');
  for (const topic of Object.keys(TOPICS)) expect(page).toContain(`maintenance-window help ${topic}`);
});
