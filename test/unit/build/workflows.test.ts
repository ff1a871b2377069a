import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const WORKFLOWS = readdirSync(join(root, '.github', 'workflows')).map((file) => `.github/workflows/${file}`);
const FILES = [...WORKFLOWS, '.github/actions/set-up/action.yml'];
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** The scripts of npm's that a text runs, each value of a matrix for itself. */
function scriptsIn(text: string): string[] {
  const named = [...text.matchAll(/npm (?:run (?:--silent )?([\w:]+(?:\$\{\{ matrix\.lane \}\})?)|(test)\b)/g)];
  return named.flatMap(([, script, test]) => {
    const name = script ?? test ?? '';
    return name.endsWith('}}') ? lanesIn(text).map((lane) => name.replace(/\$.*/, lane)) : [name];
  });
}

function lanesIn(text: string): string[] {
  return (/^ *lane: \[(.*)\]$/m.exec(text)?.[1] ?? '').split(', ');
}

describe('the workflows', () => {
  it.each(FILES)('%s runs only scripts that there are', (file) => {
    expect(scriptsIn(read(file)).filter((name) => !(name in scripts))).toEqual([]);
  });

  it('run every lane of the tests, and what checks', () => {
    const lanes = Object.keys(scripts).filter((name) => name.startsWith('test:'));
    expect(lanes.length).toBeGreaterThan(5);
    expect(scriptsIn(read('.github/workflows/test.yml'))).toEqual(expect.arrayContaining([...lanes, 'check']));
    expect(scriptsIn(read('.github/workflows/release.yml'))).toContain('test');
  });

  it.each(FILES)('%s uses actions of one commit alone', (file) => {
    const used = [...read(file).matchAll(/uses: (\S+)(.*)/g)];
    for (const [, action = '', comment] of used) {
      if (action.startsWith('./')) expect(existsSync(join(root, action, 'action.yml')), action).toBe(true);
      else expect(`${action}${comment}`).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it('measure what the benchmark has', () => {
    const questions = read('bench/main.ts');
    const asked = [...read('.github/workflows/test.yml').matchAll(/bench -- ([\w -]+);/g)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(new Set(asked)).toEqual(new Set(['wrap', 'cold-start']));
    for (const name of asked) expect(questions).toMatch(new RegExp(`^ {2}'?${name}'?: measure`, 'm'));
  });

  it('build what the Dockerfile makes', () => {
    const targets = [...read('.github/workflows/release.yml').matchAll(/--target (\S+)/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(read('Dockerfile')).toContain(` AS ${target}\n`);
  });
});

describe('the owners and the bot', () => {
  it('are named for folders that there are', () => {
    const owned = [...read('.github/CODEOWNERS').matchAll(/^\/(\S+)/gm)].map(([, folder]) => folder ?? '');
    const kept = [...read('.github/dependabot.yml').matchAll(/directory: \/(\S*)/g)].map(([, folder]) => folder ?? '');
    expect([owned.length, kept.length].every((count) => count > 3)).toBe(true);
    expect([...owned, ...kept].filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });
});
