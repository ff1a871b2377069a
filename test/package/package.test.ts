import { execFile, execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageText, sectionOf, tableIn } from '../unit/docs/pages.ts';
import { startRegistry } from './registry.ts';

const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Where everything below happens: the tarball, and a project of somebody who installs it. */
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const project = join(folder, 'project');
const tarball = join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
afterAll(() => rmSync(folder, { recursive: true }));

/** Node and npm and nothing else: no compiler, no `make`. */
const bin = join(folder, 'bin');
const ENVIRONMENT = { PATH: bin, HOME: folder };

beforeAll(async () => {
  mkdirSync(bin);
  const [npm = ''] = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((one) => join(one, 'npm'))
    .filter((file) => existsSync(file));
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(realpathSync(npm), join(bin, 'npm'));
  symlinkSync(join(dirname(realpathSync(npm)), 'npx-cli.js'), join(bin, 'npx'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
    env: ENVIRONMENT,
  });

  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  await using registry = await startRegistry(root);
  // not in one go with this process, which has to answer as the registry
  await promisify(execFile)(
    'npm',
    ['install', tarball, '--registry', registry.url, '--cache', join(folder, 'cache'), '--no-audit', '--no-fund'],
    { cwd: project, env: ENVIRONMENT },
  );

  for (const own of ['aws-cdk-lib', 'constructs', 'ts-node', '@types/node']) link(own, own);
  link('typescript-with-api', 'typescript');
  // cdk init's tsconfig.json names jest's types, which the app does not use
  mkdirSync(join(project, 'node_modules/@types/jest'));
  writeFileSync(join(project, 'node_modules/@types/jest/index.d.ts'), 'export {};\n');
  const template = join(modules, 'aws-cdk/lib/init-templates/app/typescript/tsconfig.json');
  copyFileSync(template, join(project, 'tsconfig.json'));
});

/** Puts a package of this repository beside the installed one, as a link: some are too large to be packed here. */
function link(from: string, to: string): void {
  const target = join(project, 'node_modules', to);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(modules, from), target);
}

function run(cwd: string, file: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(file, words, { cwd, env: ENVIRONMENT, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe('the package', () => {
  test('is clean to publint and to attw', () => {
    expect(run(root, process.execPath, join(modules, 'publint/src/cli.js'), tarball, '--strict')).toEqual({
      status: 0,
      output: expect.stringContaining('All good!'),
    });
    const attw = join(modules, '@arethetypeswrong/cli/dist/index.js');
    expect(run(root, process.execPath, attw, tarball, '--format', 'ascii', '--no-emoji')).toEqual({
      status: 0,
      output: expect.stringContaining('No problems found'),
    });
  });

  test('is installed with what it calls, and nothing that is compiled or run meanwhile', () => {
    const installed = globSync('node_modules/{*,@*/*}/package.json', { cwd: project }).map((file) =>
      JSON.parse(readFileSync(join(project, file), 'utf8')),
    );
    const own = installed.find((one) => one.name === name);
    expect(own.private).toBeUndefined();
    expect(own.publishConfig).toMatchObject({ access: 'public', provenance: true });
    for (const { scripts = {} } of installed) expect(scripts).not.toHaveProperty('postinstall');
    expect(globSync(`node_modules/${name}/**/*.{node,ts}`, { cwd: project, exclude: ['**/*.d.ts'] })).toEqual([]);
    expect(existsSync(join(project, 'node_modules/esbuild'))).toBe(false);
  });

  test('brings the tool, under its own name', () => {
    const tool = join(project, 'node_modules/.bin/maintenance-window');
    expect(run(project, tool, '--version')).toEqual({ status: 0, output: `${version}\n` });
    writeFileSync(join(project, 'windows.txt'), '2026-11-21T00:00:00+01:00,2026-11-21T04:00:00+01:00');
    expect(run(project, tool, 'check', 'windows.txt')).toEqual({
      status: 0,
      output: expect.stringContaining('2026-11-20T23:00:00Z,2026-11-21T03:00:00Z'),
    });
  });

  test('brings the manual page, and the pages that the tool names', () => {
    const installed = join(project, 'node_modules', name);
    const { man } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    const tool = join(project, 'node_modules/.bin/maintenance-window');
    expect(run(project, tool, 'help', 'man').output).toBe(readFileSync(join(installed, man), 'utf8'));
    const page = join('node_modules', name, 'docs/cli.md');
    expect(run(project, tool, '--help').output).toContain(`More: ${page}\n`);
    expect(run(folder, tool, '--help').output).toContain(join('project', page));
    for (const page of ['cli.md', 'container.md', 'upgrading.md', 'security.md']) {
      expect(existsSync(join(installed, 'docs', page))).toBe(true);
    }
  });

  // a clone has the tool by its own package.json: the commands that `npm start` prints are run there
  const places = tableIn(sectionOf(pageText('docs/cli.md'), '## Where it is installed')).slice(1);
  test('can be installed in every place that docs/cli.md names', () => expect(places).toHaveLength(3));

  test.each(places)('is started as docs/cli.md says in %s', async (_, once = '', then = '') => {
    const place = mkdtempSync(join(folder, 'place-'));
    await using registry = await startRegistry(root);
    const shell = async (words: string) => {
      const env = {
        PATH: [bin, join(place, 'global/bin'), '/usr/bin', '/bin'].join(delimiter),
        HOME: place,
        npm_config_registry: registry.url,
        npm_config_cache: join(folder, 'cache'),
        npm_config_prefix: join(place, 'global'),
        npm_config_audit: 'false',
      };
      const ofThisBuild = words.replaceAll('`', '').replaceAll(name, `file:${tarball}`);
      return (await promisify(execFile)('/bin/sh', ['-c', ofThisBuild], { cwd: place, env })).stdout;
    };
    if (once !== '') await shell(once);
    expect(await shell(`${then} --version`)).toBe(`${version}\n`);
  });
});

/** A stack with a part of everything, and what is made of it. */
const APP = `
const app = new App({ outdir: process.argv[2] ?? 'cdk.out' });
const stack = new Stack(app, 'Shop');
const maintenance: IMaintenanceWindow = new MaintenanceWindow(stack, 'Maintenance', {
  windows: [{ schedule: 'cron(0 2 ? * SUN *)', timezone: 'Europe/Rome', duration: 'PT2H', reason: 'weekly vacuum' }],
  monitor: true,
  alarms: {},
  dashboard: true,
});
const code = lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Images', 'orders'));
new MaintenanceWindowImageFunction(stack, 'Orders', { code, maintenanceWindow: maintenance, protect: { policy: { sqs: 'reject' } } });
maintenance.protectAll(stack);
maintenance.grantOperate(new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }));
app.synth();
`;
const IMPORTS = `
import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type IMaintenanceWindow, MaintenanceWindow, MaintenanceWindowImageFunction } from '@maintenance-window/lambda/cdk';
`;
const WRONG = "new MaintenanceWindow(new Stack(new App(), 'S'), 'M', { monitor: 'yes' });\n";

/** What a synth into a folder made: the resources by type, and the monitor's code. */
function synthesised(assembly: string) {
  const template = JSON.parse(readFileSync(join(project, assembly, 'Shop.template.json'), 'utf8'));
  const types: string[] = Object.values(template.Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  const count = (type: string) => types.filter((one) => one === type).length;
  return {
    functions: count('AWS::Lambda::Function'),
    tables: count('AWS::DynamoDB::Table'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    code: globSync('asset.*/*', { cwd: join(project, assembly) }).map((file) => file.replace(/^.*\//, '')),
  };
}

const WHOLE = { functions: 2, tables: 1, dashboards: 1, code: ['index.js', 'package.json'] };

describe('the constructs', () => {
  const tsNode = () => [join(project, 'node_modules/ts-node/dist/bin.js')];
  const node = process.execPath;

  test('are used from CommonJS, with ts-node and the tsconfig.json of cdk init', () => {
    writeFileSync(join(project, 'app.ts'), IMPORTS + APP);
    const made = run(project, node, ...tsNode(), 'app.ts', 'of-ts-node');
    expect({ ...made, ...synthesised('of-ts-node') }).toEqual({ status: 0, output: '', ...WHOLE });
  });

  test('are used from CommonJS as older versions of cdk init set it up', () => {
    const options = JSON.stringify({ module: 'commonjs', moduleResolution: 'node10' });
    const made = run(project, node, ...tsNode(), '--compilerOptions', options, 'app.ts', 'of-older');
    expect({ ...made, ...synthesised('of-older') }).toEqual({ status: 0, output: '', ...WHOLE });
  });

  test('are used from ES modules, as Node runs them', () => {
    writeFileSync(join(project, 'app.mts'), IMPORTS + APP);
    const made = run(project, node, 'app.mts', 'of-esm');
    expect({ ...made, ...synthesised('of-esm') }).toEqual({ status: 0, output: '', ...WHOLE });
  });

  test('have types, which a compiler without skipLibCheck takes and which refuse what is wrong', () => {
    writeFileSync(join(project, 'wrong.mts'), IMPORTS + WRONG);
    const compiler = join(modules, 'typescript-with-api/bin/tsc');
    const { status, output } = run(project, node, compiler, '--skipLibCheck', 'false', '--project', '.');
    expect({ status, output }).toEqual({
      status: 2,
      output: expect.stringMatching(/^wrong\.mts\(\d+,\d+\): error TS2322: Type 'string' is not assignable[^\n]*\n$/),
    });
    rmSync(join(project, 'wrong.mts'));
  });
});

describe('the constructs without their peers', () => {
  const aside = (peers: Readonly<Record<string, string>>) => {
    const place = mkdtempSync(join(folder, 'peers-'));
    mkdirSync(join(place, 'node_modules/@maintenance-window'), { recursive: true });
    execFileSync('tar', ['xzf', tarball, '-C', place], { env: process.env });
    renameSync(join(place, 'package'), join(place, 'node_modules', name));
    for (const [peer, peerVersion] of Object.entries(peers)) {
      mkdirSync(join(place, 'node_modules', peer));
      writeFileSync(
        join(place, 'node_modules', peer, 'package.json'),
        JSON.stringify({ name: peer, version: peerVersion }),
      );
    }
    return place;
  };

  test.each([
    [{}, 'aws-cdk-lib is not there'],
    [{ 'aws-cdk-lib': '2.178.0' }, 'constructs is not there'],
    [{ 'aws-cdk-lib': '2.177.0', constructs: '10.0.0' }, 'aws-cdk-lib is 2.177 there; an older one leaves the table'],
    [{ 'aws-cdk-lib': '1.204.0', constructs: '3.0.0' }, 'aws-cdk-lib is 1.204 there'],
  ])('%j say what to install, from CommonJS and from ES modules', (peers, why) => {
    const place = aside(peers);
    for (const words of [
      ['-e', `require('${name}/cdk')`],
      ['--input-type=module', '-e', `import '${name}/cdk'`],
    ]) {
      const { status, output } = run(place, process.execPath, ...words);
      expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(why) });
      expect(output).toContain('npm install aws-cdk-lib constructs');
    }
  });
});

describe('the window language', () => {
  /** As the docstring of the entry shows it. */
  const [, example = ''] =
    /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'exports/windows.ts'), 'utf8').replace(/^ \* ?/gm, '')) ?? [];
  const TEST = `
    import { editWindows, windowsToText } from '@maintenance-window/lambda/windows';
    const edited = editWindows('2026-11-21T00:00:00Z,2026-11-21T04:00:00Z', { replaced: new Map([[0, []]]), added: windows });
    const again = parseWindows(edited);
    const state = calendar.stateAt(Date.UTC(2026, 10, 22, 3));
    const [next] = await nextWindows(windows.map((window) => ({ window })), Date.UTC(2026, 10, 22, 3), 1);
    console.log(JSON.stringify([again.kind === 'windows' && windowsToText(again.document), state.active, next?.occurrence]));`;
  const SAID = `${JSON.stringify([
    '{"version":1,"windows":[\n{"schedule":"cron(0 2 ? * SUN *)","duration":"PT2H"}\n]}',
    { startAt: Date.UTC(2026, 10, 22, 2), endAt: Date.UTC(2026, 10, 22, 4) },
    { startAt: Date.UTC(2026, 10, 29, 2), endAt: Date.UTC(2026, 10, 29, 4) },
  ])}\n`;

  test('is used from ES modules, as its docstring shows it', () => {
    writeFileSync(join(project, 'windows.mts'), example + TEST);
    expect(run(project, process.execPath, 'windows.mts')).toEqual({ status: 0, output: SAID });
  });

  test('is used from CommonJS, without aws-cdk-lib', () => {
    const alone = join(folder, 'alone/node_modules/@maintenance-window');
    mkdirSync(alone, { recursive: true });
    symlinkSync(join(project, 'node_modules', name), join(alone, 'lambda'));
    const [from, to] = [/import \{(.*)\} from '(.*)';/g, "const {$1} = require('$2');"];
    const commonJs = `(async () => {${(example + TEST).replace(from, to)}\n})();`;
    writeFileSync(join(folder, 'alone/windows.cjs'), commonJs);
    expect(run(join(folder, 'alone'), process.execPath, '--preserve-symlinks', 'windows.cjs')).toEqual({
      status: 0,
      output: SAID,
    });
  });
});
