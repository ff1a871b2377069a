import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReady } from '../../../local/proxied/function.ts';
import { findProject } from '../../../local/proxied/project.ts';
import { type Local, startLocal } from '../../../local/start.ts';
import { collectOutput } from '../../worlds/collected-output.ts';
import { emulatorFile } from '../../worlds/emulator.ts';
import { hasProxy, PROXY } from '../../worlds/proxy.ts';
import { GO, JAVA, RUST, skips } from '../../worlds/runtime-clients.ts';

// What `npm start -- --proxy --handler` makes of functions in languages that are compiled.

const HOME = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(HOME, 'local', 'main.ts');
const LAMBDA_GO = 'require github.com/aws/aws-lambda-go v1.55.1';
const GO_SUM = join(HOME, 'examples', 'go', 'go.sum');
const CARGO_TOML = '[package]\nname = "orders"\nversion = "0.0.0"\nedition = "2021"\n';
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>shop</groupId><artifactId>orders</artifactId><version>0</version>
  <properties>
    <maven.compiler.release>11</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><version>3.14.0</version></plugin></plugins></build>
</project>`;

let folder: string;
let local: Local | undefined;
const runners: ChildProcess[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'compiled-')));
});
afterEach(async () => {
  await local?.close();
  local = undefined;
  // one that serves where it was to refuse
  for (const runner of runners.splice(0)) runner.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Runs `npm start -- --proxy` for a handler of the test's folder, which it is to refuse. */
function refusalOf(handler: string, environment: Readonly<Record<string, string | undefined>> = {}) {
  const env = { ...process.env, npm_lifecycle_event: undefined, INIT_CWD: undefined, ...environment };
  const words = [MAIN, '--proxy', '--port', '0', '--handler', handler];
  return new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) => {
    const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    runners.push(child);
    const written = collectOutput(child);
    child.once('close', (code) => resolve({ code, ...written() }));
  });
}

/** Serves a function of the test's folder, and gives what invokes it. */
async function serve(handler: string, environment: Readonly<Record<string, string | undefined>> = {}) {
  const own = { ...process.env, ...environment };
  const lines: string[] = [];
  const fn = await makeReady(findProject(handler, folder), PROXY, own, new AbortController().signal);
  const hear = (line: string) => lines.push(line);
  local = await startLocal({ fn, emulatorFile: await emulatorFile(), environment: own, port: 0, write: hear });
  const url = `${local.addresses.invokeUrl}/2015-03-31/functions/function/invocations`;
  const invoke = async (event: unknown) =>
    (await fetch(url, { method: 'POST', body: JSON.stringify(event) })).json() as Promise<unknown>;
  return { invoke, lines };
}

describe.skipIf(!hasProxy)('npm start -- --proxy says in one message what the machine lacks', () => {
  it.each([
    ['Go', 'main.go', ['go:  https://go.dev/dl ']],
    ['Rust', 'src/main.rs', ['cargo:  https://rustup.rs ']],
    [
      'Java',
      'App.java',
      ['a JDK, 11 or later:  sudo apt-get install default-jdk-headless ', 'mvn:  sudo apt-get install maven '],
    ],
  ])('for %s', async (_, file, lines) => {
    write({ [file]: '' });
    const { code, out, err } = await refusalOf(file, { PATH: folder, JAVA_HOME: undefined });
    expect({ code, out }).toEqual({ code: 69, out: '' });
    expect(err).toMatch(/^This machine lacks what the function needs behind the proxy:$/m);
    for (const line of lines) expect(err).toContain(`\n  ${line}`);
  });

  it('for Java, where the JDK is too old', async () => {
    write({ 'App.java': '', 'jdk/bin/javac': '#!/bin/sh\necho javac 1.8.0_452 >&2\n' });
    chmodSync(join(folder, 'jdk', 'bin', 'javac'), 0o755);
    const { code, err } = await refusalOf('App.java', { JAVA_HOME: join(folder, 'jdk') });
    expect({ code, err }).toEqual({ code: 69, err: expect.stringContaining('  a JDK, 11 or later:') });
  });
});

describe.skipIf(!hasProxy || skips('a function of one’s own', GO))('npm start -- --proxy with Go', () => {
  const MAIN_GO = `package main

import (
	"context"
	"os"

	"example.com/shop/price"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	folder, _ := os.Getwd()
	lambda.Start(func(context.Context) (any, error) {
		return map[string]any{"handler": os.Getenv("_HANDLER"), "orders": os.Getenv("ORDERS"), "folder": folder, "price": price.Of}, nil
	})
}
`;

  it('runs a program of a module with one’s own environment, and anew where its code has changed', async () => {
    const priced = (price: string) => ({ 'price/price.go': `package price\n\nconst Of = ${price}\n` });
    write({
      'go.mod': `module example.com/shop\n\ngo 1.26\n\n${LAMBDA_GO}\n`,
      'cmd/orders/main.go': MAIN_GO,
      ...priced('1'),
    });
    symlinkSync(GO_SUM, join(folder, 'go.sum'));
    const { invoke, lines } = await serve('cmd/orders/main.go:orders', { ORDERS: 'north' });
    expect(await invoke({})).toEqual({ handler: 'orders', orders: 'north', folder, price: 1 });

    write(priced('no number'));
    const fault = expect.stringMatching(/main\.go cannot be built; go build says:\n.*price\.go:3:/s);
    expect(await invoke({})).toMatchObject({ Message: fault });
    expect(lines).toContainEqual(fault);
    expect(lines).toContain('price/price.go has changed: the function starts anew');

    write(priced('23'));
    expect(await invoke({})).toMatchObject({ price: 23 });
  });

  it.each([
    ['without go.mod', {}, 'main.go', 69, '  go.mod, in '],
    [
      'that lacks a dependency',
      { 'go.mod': 'module shop\n\ngo 1.26\n' },
      '.',
      69,
      'go get github.com/aws/aws-lambda-go/lambda',
    ],
    [
      'that is no program',
      { 'go.mod': 'module shop\n', 'price/price.go': 'package price\n' },
      'price',
      64,
      'is of the package price',
    ],
  ])('refuses one %s', async (_, files, handler, code, message) => {
    write({
      'main.go': 'package main\n\nimport _ "github.com/aws/aws-lambda-go/lambda"\n\nfunc main() {}\n',
      ...files,
    });
    const { err, ...ended } = await refusalOf(handler);
    expect(ended).toEqual({ code, out: '' });
    expect(err).toContain(message);
  });
});

describe.skipIf(!hasProxy || skips('a function of one’s own', RUST))('npm start -- --proxy with Rust', () => {
  it.each([
    ['without Cargo.toml', {}, 'src/main.rs', 69, '  Cargo.toml, in '],
    [
      'that does not compile',
      { 'Cargo.toml': CARGO_TOML, 'src/main.rs': 'fn main() { 1 }' },
      '.',
      69,
      'error[E0308]: mismatched types',
    ],
    [
      'that lacks a dependency',
      { 'Cargo.toml': CARGO_TOML, 'src/main.rs': 'use lambda_runtime::run;\nfn main() {}' },
      'Cargo.toml',
      69,
      'cargo add lambda_runtime',
    ],
    [
      'with several programs',
      { 'Cargo.toml': CARGO_TOML, 'src/bin/book.rs': 'fn main() {}' },
      '.',
      64,
      'has several programs: name the file of one, ',
    ],
    [
      'that is a library',
      { 'Cargo.toml': `${CARGO_TOML}autobins = false\n[lib]\npath = "src/main.rs"\n` },
      'Cargo.toml',
      64,
      'has no program: name a file that has a main',
    ],
  ])('refuses one %s', async (_, files, handler, code, message) => {
    write({ 'src/main.rs': 'fn main() {}', ...files });
    const { err, ...ended } = await refusalOf(handler);
    expect(ended).toEqual({ code, out: '' });
    expect(err).toContain(message);
  });

  it('says how to get a linker, where there is none', async () => {
    write({ 'Cargo.toml': CARGO_TOML, 'src/main.rs': 'fn main() {}', 'tools/.keep': '' });
    for (const tool of ['cargo', 'rustc']) {
      const [found = ''] = globSync(`{${(process.env['PATH'] ?? '').replaceAll(delimiter, ',')}}/${tool}`);
      symlinkSync(found, join(folder, 'tools', tool));
    }
    const env = { ...process.env, PATH: join(folder, 'tools'), CARGO_TARGET_DIR: undefined };
    await expect(findProject('src/main.rs', folder).build({ cwd: folder, env })).rejects.toMatchObject({
      name: 'MaintenanceWindow.Missing',
      message: expect.stringContaining('To get the linker:  sudo apt-get install gcc'),
    });
  });

  it('takes the program that the named file begins', async () => {
    write({ 'Cargo.toml': CARGO_TOML, 'src/main.rs': 'fn main() {}', 'src/bin/book.rs': 'fn main() {}' });
    const project = findProject('src/bin/book.rs', folder);
    const { command } = await project.build({ cwd: folder, env: { ...process.env, CARGO_TARGET_DIR: undefined } });
    expect(command).toEqual([join(folder, 'target', 'debug', 'book')]);
  });
});

describe.skipIf(!hasProxy || skips('a function of one’s own', JAVA))('npm start -- --proxy with Java', () => {
  const file = 'src/main/java/shop/App.java';
  const appWith = (members: string) => ({
    'pom.xml': POM,
    [file]: `package shop;\n\npublic class App {\n${members}\n}\n`,
  });

  it('runs a method of a class that knows nothing of Lambda, with AWS’s client beside it', async () => {
    write(appWith('  public String greet(String name) { return "é " + name + " " + System.getenv("ORDERS"); }'));
    const { invoke } = await serve(`${file}:greet`, { ORDERS: 'north' });
    expect(await invoke('Ada')).toBe('é Ada north');
  });

  it.each([
    [
      'that does not compile',
      '  int price = "1";',
      'App.java cannot be built; mvn compile says:',
      /App\.java:\[4,15\] incompatible types/,
    ],
    [
      'without such a method',
      '',
      'the handler shop.App::handleRequest cannot be loaded from ',
      /shop\.App has no public method handleRequest/,
    ],
    [
      'whose constructor throws',
      '  public App() { throw new IllegalStateException("no TABLE is set"); }',
      'the handler shop.App::handleRequest cannot be loaded from ',
      /IllegalStateException: no TABLE is set \(shop\.App\.<init>\(App\.java:4\)\)/,
    ],
  ])('refuses one %s', async (_, members, message, reason) => {
    write(appWith(members));
    const { err, ...ended } = await refusalOf(file);
    expect(ended).toEqual({ code: 69, out: '' });
    expect(err).toContain(message);
    expect(err).toMatch(reason);
  });

  it('refuses one without pom.xml, and says how to get one', async () => {
    write({ 'App.java': 'public class App {}' });
    const { err, ...ended } = await refusalOf('App.java');
    expect(ended).toEqual({ code: 69, out: '' });
    expect(err).toMatch(/^ {2}pom\.xml, in \S+ or above: {2}cp \S+\/pom\.xml \S+$/m);
  });
});
