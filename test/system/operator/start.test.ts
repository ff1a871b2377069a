import { beforeAll, expect, it } from 'vitest';
import { buildCli, runCli } from '../../worlds/cli.ts';
import { NO_WINDOWS } from '../../worlds/replay-cli.ts';

// What a command loads: each of AWS's clients, and what only some tables need, where it is used alone.

beforeAll(buildCli);

/** Tells on stderr, as the process ends, which packages it has loaded. */
const LOADED = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
    if (name) loaded.add(name);
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write('loaded: ' + [...loaded].sort().join(' ')));
`;

async function loadedBy(words: readonly string[], input = ''): Promise<readonly string[]> {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(LOADED)}`;
  const environment = { NODE_OPTIONS, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' };
  const { err } = await runCli(words, { environment, input });
  return err.split('loaded: ')[1]?.split(' ') ?? [];
}

it('is its parser of command lines alone where no AWS is asked', async () => {
  for (const words of [['--version'], ['--help'], ['check', '-']]) {
    expect([words, await loadedBy(words, NO_WINDOWS)]).toEqual([words, ['commander']]);
  }
});

it('is nothing at all on a Node that is too old: one line says so', async () => {
  const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.9.0' } });";
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(old + LOADED)}`;
  const { code, out, err } = await runCli(['--version'], { environment: { NODE_OPTIONS } });
  expect({ code, out }).toEqual({ code: 78, out: '' });
  expect(err).toBe(
    'maintenance-window: this is Node 20.9.0, and it needs 22.15 or later: put a newer one first in PATH\nloaded: ',
  );
});

it('is the client of the one service that a command asks', async () => {
  const clientsOf = async (words: readonly string[]) =>
    (await loadedBy(words)).filter((name) => name.startsWith('@aws-sdk/client-'));
  expect(await clientsOf(['status', '-o', 'json'])).toEqual(['@aws-sdk/client-ssm']);
  expect(await clientsOf(['events', 'list'])).toEqual(['@aws-sdk/client-dynamodb']);
});

it('has jq where an expression filters, and not for fields alone', async () => {
  expect(await loadedBy(['config', '--jq', '.settings'])).toContain('jq-wasm');
  expect(await loadedBy(['config', '--json', 'option'])).toEqual(['commander']);
});

it('has what measures text where a table holds more than Latin letters', async () => {
  const windows = (reason: string) =>
    JSON.stringify({ version: 1, windows: [{ schedule: 'cron(0 2 ? * SUN *)', duration: '2h', reason }] });
  expect(await loadedBy(['check', '-'], windows('Prüfung – “DB” …'))).toEqual(['commander']);
  expect(await loadedBy(['check', '-'], windows('日本'))).toContain('string-width');
});
