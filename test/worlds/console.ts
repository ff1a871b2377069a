import { execFileSync } from 'node:child_process';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { type Answer, type Later, type Looked, OWN_HEADER } from '../../operator/console/answer.ts';
import { type RunningCli, startCli } from './replay-cli.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The console as operators run it: the built tool, and whoever asks it over HTTP. */
export interface ConsoleWorld extends ConsoleVisit {
  readonly cli: RunningCli;
  close(): Promise<void>;
}

/** Somebody who has opened the address of a console, and asks it over HTTP. */
export interface ConsoleVisit {
  /** The address that it printed. */
  readonly url: string;
  readonly port: number;
  /** Of the printed address. */
  readonly token: string;
  /** Cookie of somebody who opened the address. */
  readonly cookie: string;
  /** What the page of somebody who opened the address sends with every question. */
  readonly key: string;
  /** Asks as the page does: from its own origin, with its cookie and key. */
  ask(path: string, asked?: Asked): Promise<Told>;
  /** What a look of the page is answered. */
  look(operation: string, query?: string): Promise<Looked>;
  /** Shows something, and gives what the page gets. */
  plan(operation: string, given: object): Promise<Planned>;
  /** Shows something and does it, as a person does who types what is asked for. */
  carryOut(operation: string, given: object): Promise<Answer>;
}

export interface Planned {
  readonly plan?: string;
  readonly typed?: string;
  readonly shown: Answer;
}

export interface Asked {
  readonly method?: string;
  /** Beside those of the page; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** As it is. */
  readonly bytes?: Uint8Array;
  /** Aborted: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of what is JSON. */
  json(): unknown;
}

/** Builds the console's page. Tests at the same time may do so, too. */
export function buildConsole(): void {
  execFileSync(process.execPath, [join(ROOT, 'build', 'console.ts')], { cwd: ROOT });
}

/** @param words of the command, behind `console` */
export async function startConsoleWorld(
  environment: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<ConsoleWorld> {
  const cli = startCli(
    ['console', ...(words.includes('--port') ? [] : ['--port', '0']), ...words, '-o', 'json'],
    environment,
  );
  await cli.wrote('\n');
  return {
    ...(await visitConsole(String(cli.lines()[0]?.['url']))),
    cli,
    async close() {
      if (cli.child.exitCode === null) cli.child.kill('SIGINT');
      await cli.ended();
    },
  };
}

/** @param url as a console printed it, with its token */
export async function visitConsole(url: string): Promise<ConsoleVisit> {
  const { port, hash } = new URL(url);
  const token = hash.replace('#token=', '');
  const own = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
  let [cookie, key] = ['', ''];
  const ask = (path: string, { headers = {}, body, bytes, method, signal }: Asked = {}) => {
    const sent = bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    const all = {
      [OWN_HEADER]: key,
      ...own,
      cookie,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    const given = Object.entries(all).filter((each): each is [string, string] => Boolean(each[1]));
    return told(Number(port), path, method ?? (sent ? 'POST' : 'GET'), Object.fromEntries(given), sent, signal);
  };
  const entered = await ask('/session', { body: { token } });
  cookie = (entered.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
  key = (entered.json() as { key?: string }).key ?? '';
  const plan = async (operation: string, given: object) =>
    (await ask(`/api/plan/${encodeURIComponent(operation)}`, { body: given })).json() as Planned;
  return {
    url,
    port: Number(port),
    token,
    cookie,
    key,
    ask,
    async look(operation, query = '') {
      let told = (await ask(`/api/look/${encodeURIComponent(operation)}?${query}`)).json() as Looked | Later;
      while ('later' in told) told = (await ask(`/api/looked/${told.later}`)).json() as Looked | Later;
      return told;
    },
    plan,
    async carryOut(operation, given) {
      const { plan: id, typed, shown } = await plan(operation, given);
      if (id === undefined) throw new Error(`it has no plan: ${JSON.stringify(shown)}`);
      return (await ask('/api/do', { body: { plan: id, typed } })).json() as Answer;
    },
  };
}

/** `fetch` sends no `Host` of ours. */
function told(
  port: number,
  path: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, ...(signal && { signal }) },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) });
        });
      },
    );
    asking.on('error', reject);
    asking.end(bytes);
  });
}
