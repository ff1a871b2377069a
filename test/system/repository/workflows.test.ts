/** Workflows as GitHub's own checker reads them, and their scripts as a runner runs them. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { validate } from '@actions/languageservice';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const WORKFLOWS = readdirSync(join(root, '.github', 'workflows')).map((file) => `.github/workflows/${file}`);
const FILES = [...WORKFLOWS, '.github/actions/set-up/action.yml'];

let checked = 0;

/** What GitHub's checker says of a file: its schema, the needs of jobs, and each expression. */
async function complaintsAbout(file: string, text = read(file)): Promise<readonly string[]> {
  checked += 1; // it remembers a document by its address
  const found = await validate(TextDocument.create(`file:///${checked}/${file}`, 'yaml', 1, text), {});
  return found.map(({ message, range }) => `${file}:${range.start.line + 1}: ${message}`);
}

describe('GitHub', () => {
  it.each(FILES)('takes %s', async (file) => {
    expect(await complaintsAbout(file)).toEqual([]);
  });

  it.each([
    ['.github/workflows/release.yml', 'needs: image', 'needs: images', /unknown job 'images'/],
    ['.github/workflows/release.yml', 'matrix.arch', 'matrix.cpu', /might be invalid: cpu/],
    ['.github/workflows/test.yml', 'timeout-minutes', 'timeout', /Unexpected value 'timeout'/],
    ['.github/actions/set-up/action.yml', 'shell:', 'shel:', /Unexpected value 'shel'/],
  ])('would not take %s with "%s" as "%s"', async (file, from, to, message) => {
    expect((await complaintsAbout(file, read(file).replaceAll(from, to))).join('\n')).toMatch(message);
  });
});

const isInstalled = (command: string) => spawnSync(command, ['-version']).status === 0;

it.skipIf(!isInstalled('actionlint'))('actionlint, where it is installed, has nothing to say', () => {
  const { stdout, stderr } = spawnSync('actionlint', WORKFLOWS, { cwd: root, encoding: 'utf8' });
  expect(stdout + stderr).toBe('');
});

/** The script of a step, which begins with `run` where the step has no name. */
function scriptOf(file: string, job: string, step: string): string {
  const { jobs } = parse(read(file)) as {
    jobs: Record<string, { steps: { readonly name?: string; readonly run?: string }[] } | undefined>;
  };
  const { run } = jobs[job]?.steps.find(({ name }) => name === step) ?? {};
  if (run === undefined) throw new Error(`${file} has no step "${step}" in ${job}`);
  return run;
}

describe('a script of a workflow', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workflow-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As a runner does: bash, which stops at the first fault. */
  function run(script: string, environment: Readonly<Record<string, string>> = {}, cwd = folder) {
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...environment },
    });
    return { status, output: stdout + stderr };
  }

  it('writes the repository that it runs in into package.json, for npm’s provenance', () => {
    copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
    const script = scriptOf('.github/workflows/release.yml', 'package', 'Write down which repository this is');
    const { status, output } = run(script, {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'someone/maintenance-window',
    });
    expect({ status, output }).toEqual({ status: 0, output: '' });
    const before = JSON.parse(read('package.json'));
    const after = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(after).toEqual({
      ...before,
      repository: { type: 'git', url: 'git+https://github.com/someone/maintenance-window.git' },
    });
  });

  it('holds a release’s tag to the version', () => {
    copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
    const { version } = JSON.parse(read('package.json'));
    const script = scriptOf('.github/workflows/release.yml', 'test', 'Hold the tag to the version');
    expect(run(script, { GITHUB_REF_NAME: `v${version}` }).status).toBe(0);
    expect(run(script, { GITHUB_REF_NAME: `v${version}1` }).status).toBe(1);
  });

  it.each([
    ['says so where the base has no benchmark', [], 0, 'It has no benchmark: there is nothing to compare with.\n'],
    ['writes what the base measures', ['bench/main.ts'], 0, 'figures of the base\n'],
    ['says so where the base cannot be measured', ['bench/main.ts'], 1, /It misses a target, or could not be measured/],
  ])('%s', (_what, files, npmStatus, expected) => {
    const summary = join(folder, 'summary');
    const [origin, clone, bin] = ['origin', 'clone', 'bin'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(bin);
    const npm = `#!/bin/sh\ncase $* in *bench*) echo figures of the base; exit ${npmStatus};; esac\n`;
    writeFileSync(join(bin, 'npm'), npm);
    chmodSync(join(bin, 'npm'), 0o755);
    const git = (words: string, cwd = origin) => {
      const { status, output } = run(`git -c user.name=x -c user.email=x@example.com ${words}`, {}, cwd);
      if (status !== 0) throw new Error(output);
      return output.trim();
    };
    git(`init --quiet ${origin}`, folder);
    for (const file of ['README.md', ...files]) {
      mkdirSync(join(origin, file, '..'), { recursive: true });
      writeFileSync(join(origin, file), '');
    }
    git('add .');
    git('commit --quiet --message base');
    const base = git('rev-parse HEAD');
    git('commit --quiet --allow-empty --message change');
    git(`clone --quiet --depth=1 file://${origin} ${clone}`, folder);
    const script = scriptOf('.github/workflows/test.yml', 'bench', 'Measure the base commit');
    const environment = {
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      BASE: base,
      RUNNER_TEMP: folder,
      GITHUB_STEP_SUMMARY: summary,
    };
    const { status, output } = run(script, environment, clone);
    expect({ status, output }).toEqual({ status: 0, output });
    const text = readFileSync(summary, 'utf8');
    expect(text).toMatch(/^### Base commit\n/);
    expect(text.slice(text.indexOf('\n') + 1)).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });
});
