import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { layerFile, proxyLayerFile } from '../../../core/deployment/layer.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const WORKFLOWS = readdirSync(join(root, '.github', 'workflows')).map((file) => `.github/workflows/${file}`);
const FILES = [...WORKFLOWS, '.github/actions/set-up/action.yml'];
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly steps: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
}

/** The steps of a workflow's jobs, or of an action. */
function stepsIn(file: string): readonly Step[] {
  const { jobs, runs } = parse(read(file)) as { jobs?: Record<string, Job>; runs?: Job };
  return [...Object.values(jobs ?? {}), ...(runs ? [runs] : [])].flatMap(({ steps }) => steps);
}

function jobsIn(file: string): readonly (readonly [name: string, job: Job])[] {
  return Object.entries((parse(read(file)) as { jobs: Record<string, Job> }).jobs);
}

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

  it.each(FILES)('%s names only files that there are', (file) => {
    const text = stepsIn(file)
      .map(({ run = '' }) => run)
      .join('\n');
    const named = [...text.matchAll(/(?<![\w./$-])((?:\.\/)?[a-z]+(?:\/[\w-]+)*\.(?:ts|mjs|json|sh))\b/g)];
    expect(named.flatMap(([, path = '']) => (existsSync(join(root, path)) ? [] : [path]))).toEqual([]);
  });

  it('run every lane of the tests, and what checks', () => {
    const lanes = Object.keys(scripts).filter((name) => name.startsWith('test:'));
    expect(lanes.length).toBeGreaterThan(5);
    expect(scriptsIn(read('.github/workflows/test.yml'))).toEqual(expect.arrayContaining([...lanes, 'check']));
    expect(scriptsIn(read('.github/workflows/release.yml'))).toContain('test');
  });

  it('use each action in one version, by its commit', () => {
    const pins = new Map<string, Set<string>>();
    for (const [, action = '', version = ''] of FILES.flatMap((file) => [
      ...read(file).matchAll(/uses: ([^\s@]+)(.*)/g),
    ])) {
      if (action.startsWith('./')) expect(existsSync(join(root, action, 'action.yml')), action).toBe(true);
      else pins.set(action, (pins.get(action) ?? new Set()).add(version));
    }
    expect(pins.size).toBeGreaterThan(3);
    for (const [action, [version, ...others]] of pins) {
      expect([action, version, others]).toEqual([
        action,
        expect.stringMatching(/^@[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
        [],
      ]);
    }
  });

  it('let a job write only where it runs no script of a dependency', () => {
    const jobs = WORKFLOWS.flatMap(jobsIn);
    const writing = jobs.filter(([, { permissions = {} }]) => Object.values(permissions).includes('write'));
    expect(writing.map(([name]) => name)).toEqual(['image', 'manifest', 'npm', 'release']);
    const installs = ({ uses, run = '' }: Step) =>
      uses === './.github/actions/set-up' || /npm (ci|i|install)\b/.test(run);
    expect(writing.filter(([, { steps }]) => steps.some(installs))).toEqual([]);
  });

  it('give every job an end', () => {
    for (const [name, job] of WORKFLOWS.flatMap(jobsIn))
      expect([name, job['timeout-minutes']]).not.toContain(undefined);
  });

  it('measure what the benchmark has', () => {
    const questions = read('bench/main.ts');
    const asked = [...read('.github/workflows/test.yml').matchAll(/bench -- ([\w -]+) >>/g)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    expect(asked).toEqual(['wrap', 'cold-start', 'wrap', 'cold-start']);
    for (const name of asked) expect(questions).toMatch(new RegExp(`^ {2}'?${name}'?: measure`, 'm'));
  });

  it('release the layers by their names', () => {
    const release = read('.github/workflows/release.yml');
    const files = ['x86_64', 'arm64'].flatMap((cpu) => [layerFile(cpu), proxyLayerFile(cpu)]);
    const ofMatrix = proxyLayerFile(['$', '{{ matrix.arch }}'].join(''));
    for (const file of [...files, ofMatrix]) expect(release).toContain(`dist/${file}`);
  });

  it('build what the Dockerfile makes', () => {
    const targets = [...read('.github/workflows/release.yml').matchAll(/--target (\S+)/g)].map(([, target]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(read('Dockerfile')).toContain(` AS ${target}\n`);
  });
});

describe('the owners and the bot', () => {
  const owned = [...read('.github/CODEOWNERS').matchAll(/^\/(\S+)/gm)].map(([, folder]) => folder ?? '');

  interface Update {
    readonly directory?: string;
    readonly directories?: readonly string[];
  }

  it('are named for folders that there are', () => {
    const { updates } = parse(read('.github/dependabot.yml')) as { updates: readonly Update[] };
    const kept = updates.flatMap(({ directory, directories = [] }) => [directory ?? [], directories].flat());
    expect([owned.length, kept.length].every((count) => count > 3)).toBe(true);
    expect([...owned, ...kept].filter((folder) => !existsSync(join(root, folder)))).toEqual([]);
  });

  it('are written as GitHub reads them: a pattern, and then accounts', () => {
    const lines = read('.github/CODEOWNERS').split('\n');
    const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules.length).toBeGreaterThan(owned.length);
    for (const rule of rules) expect(rule).toMatch(/^(\*|\/[\w./-]+\/)( (@[\w-]+(\/[\w.-]+)?|[^\s@]+@[^\s@]+))*$/);
  });
});
