import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { isObject } from '../../core/text/shape.ts';
import { SECOND_MS } from '../../core/units.ts';
import {
  type Answer,
  CLOCK_HEADER,
  type EndedReplay,
  FILE_HEADER,
  type Later,
  type Looked,
  NEWS_HEADER,
  type Tool,
  type Where,
} from './answer.ts';
import { createGuard, isPath } from './guard.ts';
import { createLooks } from './looks.ts';
import { createNews } from './news.ts';
import { type Asked, againOf, askedOf, type Given, givenIn, givenInQuery, withOption } from './operations.ts';
import { createPlans } from './plans.ts';

/** Files of the page, by their names. */
export type PageFiles = ReadonlyMap<string, { readonly type: string; readonly content: Uint8Array<ArrayBuffer> }>;

export interface ConsoleOptions {
  readonly tool: Tool;
  readonly page: PageFiles;
  /** Asked each time: a context may be made one of production meanwhile. */
  readonly where: () => Where;
  /** Nothing can be changed. */
  readonly isReadOnly: boolean;
  /** 0: any that is free. */
  readonly port: number;
  /** Address that is listened at: a loopback one, but for a container whose port is published on one. */
  readonly address: string;
}

export interface RunningConsole {
  /** To be opened in a browser; with the token, which is for one person. */
  readonly url: string;
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 256 * 1024;
const MOST_CONNECTIONS = 100;
/** A question is small: whoever sends one longer than this holds a connection. */
const QUESTION_LIMIT_MS = 10 * SECOND_MS;
const MOST_KEPT = 100;
/** Each is a process that reads bodies, and holds a connection of the browser's. Its number stands in what is said of it. */
const FILES_AT_ONCE = 2;
/** A browser's tabs have a few connections for all their looks, and AWS may take 15 s to be given up. */
const LOOK_HELD_MS = 3 * SECOND_MS;
const INDEX = 'index.html';
const FIRST_LOOK = ['status'];

/** Serves the console until it is closed. */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const server = createServer({
    headersTimeout: QUESTION_LIMIT_MS,
    requestTimeout: QUESTION_LIMIT_MS,
    connectionsCheckingInterval: SECOND_MS,
  });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listening(server, options);
  const { app, token } = createApp(options, port);
  const answer = getRequestListener(app.fetch);
  server.on('request', (asked, response) => {
    if (isPath(asked.url)) return void answer(asked, response);
    response.writeHead(421, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This is no proxy: ask for a path.\n');
  });
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, { port, address }: ConsoleOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

function createApp({ tool, page, where, isReadOnly }: ConsoleOptions, port: number): { app: Hono; token: string } {
  const guard = createGuard(port);
  const plans = createPlans(where, Date.now);
  const files = createKept<Promise<Answer>>();
  const looks = createKept<Promise<Looked>>();
  let filesUnderWay = 0;
  let ended: readonly EndedReplay[] = [];
  /** Who begins a replay has seen what became of those before. */
  const begin = async (words: readonly string[]) => {
    const before = ended;
    const answer = await tool.begin(words, (replay) => {
      ended = [...ended, replay];
      news.tell();
    });
    if (answer.exitCode === 0) ended = ended.filter((one) => !before.includes(one));
    return answer;
  };
  const news = createNews(Date.now);
  const look = createLooks(tool, news, () => performance.now());
  // each page asks for it first: by then it is under way, and credentials, connections and code are there
  void look(FIRST_LOOK).catch(() => undefined);
  const lookFor = async (asked: Asked & { readonly kind: 'asked' }): Promise<Looked> => {
    const { answer, readUnits } = await look(asked.words);
    const { production } = where();
    const told = { ...(ended.length > 0 && { ended }), ...(production !== undefined && { production }) };
    return { ...answer, ...againOf(asked, readUnits, answer.results), ...told };
  };
  const looked = async (context: Context, told: Promise<Looked>): Promise<Response> => {
    const soon = await unlessLong(told);
    return soon ? context.json(soon) : context.json({ later: looks.keep(told) } satisfies Later, 202);
  };
  const app = new Hono();
  app.use(guard.own);
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (context) => context.text('That is too long.\n', 413) }));
  const withTimes: MiddlewareHandler = async (context, next) => {
    await next();
    context.header(NEWS_HEADER, String(news.latest()));
    context.header(CLOCK_HEADER, String(tool.now()));
  };
  app.use('/session', withTimes);
  app.use('/api/*', withTimes);
  app.post('/session', async (context) => {
    const { token } = (await bodyOf(context)) ?? {};
    const key = guard.admit(context, token);
    if (key !== undefined) return context.json({ isReadOnly, where: where(), key });
    return context.json(
      { why: 'The address is of a console that has ended: take the one that the terminal shows.' },
      401,
    );
  });
  app.use('/api/*', guard.known);
  app.get('/api/console', (context) => context.json({ isReadOnly, where: where() }));
  app.get('/api/look/:name', async (context) => {
    const asked = lookAsked(context);
    if (asked.kind === 'refused') return refused(context, asked.why);
    return looked(context, lookFor(asked));
  });
  app.get('/api/looked/:id', (context) => {
    const told = looks.take(context.req.param('id'));
    return told ? looked(context, told) : refused(context, 'That look is over: look again.');
  });
  // who asks for a body is noted by the command: it is no look that a page repeats
  app.post('/api/body', async (context) => {
    const { name } = (await bodyOf(context)) ?? {};
    if (typeof name !== 'string') return refused(context, 'Whose body?');
    const answer = await tool.text(['events', 'show', '--body', '--', name]);
    news.tell();
    return context.json(answer);
  });
  app.get('/api/news', (context) =>
    streamSSE(context, async (stream) => {
      const left = new Promise<void>((resolve) => stream.onAbort(resolve));
      const unheard = news.hear((at) => void stream.writeSSE({ data: String(at) }));
      await left;
      unheard();
    }),
  );
  // who takes bodies away is noted by the command: no address does that
  app.post('/api/file/:name', async (context) => {
    const asked = await changeAsked(context);
    if (asked.kind === 'refused') return refused(context, asked.why);
    if (asked.operation.kind !== 'file') return refused(context, 'It writes no file.');
    if (filesUnderWay >= FILES_AT_ONCE)
      return context.json(
        { why: 'Two exports are under way in this console: write the file once one of them has ended.' },
        429,
      );
    filesUnderWay += 1;
    const { lines, ended: written } = tool.write(asked.words, context.req.raw.signal);
    const over = () => {
      filesUnderWay -= 1;
      news.tell();
    };
    written.then(over, over);
    context.header(FILE_HEADER, files.keep(written));
    return context.body(lines, 200, { 'content-type': 'application/jsonl' });
  });
  app.get('/api/filed/:id', async (context) => {
    const written = files.take(context.req.param('id'));
    return written ? context.json(await written) : context.notFound();
  });
  app.post('/api/plan/:name', async (context) => {
    if (isReadOnly) return readOnly(context);
    const asked = await changeAsked(context);
    if (asked.kind === 'refused') return refused(context, asked.why);
    if (asked.operation.kind !== 'plan') return refused(context, 'It has no plan: it is done at once.');
    const { shown, meant } = await tool.dryRun(asked.words);
    if (shown.exitCode !== 0) return context.json({ shown });
    const { id, typed, words } = plans.keep(meant, shown);
    return context.json({ plan: id, typed, shown: { ...shown, command: tool.commandText(words) } });
  });
  app.post('/api/do', async (context) => {
    if (isReadOnly) return readOnly(context);
    const { plan: id, typed } = (await bodyOf(context)) ?? {};
    const plan = plans.take(id, typed);
    if (plan.kind === 'none')
      return context.json({ why: 'The plan is too old, or is done already: look at it again.' }, 409);
    if (plan.kind === 'mistyped') return mistyped(context, plan.expected);
    const words = withOption(plan.words, '--yes');
    const answer = await (words[0] === 'replay' ? begin(words) : tool.run(words));
    news.tell();
    return context.json(answer);
  });
  app.post('/api/change/:name', async (context) => {
    if (isReadOnly) return readOnly(context);
    const asked = await changeAsked(context);
    if (asked.kind === 'refused') return refused(context, asked.why);
    if (asked.operation.kind !== 'change') return refused(context, 'It is shown before it is done.');
    const { typed } = (await bodyOf(context)) ?? {};
    const { production } = where();
    if (production !== undefined && typed !== production) return mistyped(context, production);
    const answer = await (asked.operation.isText ? tool.text(asked.words) : tool.run(asked.words));
    news.tell();
    return context.json(answer);
  });
  app.get('*', (context) => {
    const name = context.req.path.slice(1);
    const file = page.get(name) ?? (name.includes('.') ? undefined : page.get(INDEX));
    return file ? context.body(file.content, 200, { 'content-type': file.type }) : context.notFound();
  });
  return { app, token: guard.token };
}

/** What is asked for once more, each by an id of its own; the latest few. */
function createKept<Value>() {
  const kept = new Map<string, Value>();
  return {
    keep(value: Value): string {
      const id = randomUUID();
      kept.set(id, value);
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return id;
    },
    take(id: string): Value | undefined {
      const value = kept.get(id);
      kept.delete(id);
      return value;
    },
  };
}

/** Undefined where it takes longer than a look may have a connection. */
async function unlessLong<Value>(told: Promise<Value>): Promise<Value | undefined> {
  const over = new AbortController();
  const long = sleep(LOOK_HELD_MS, undefined, { signal: over.signal }).catch(() => undefined);
  return Promise.race([told, long]).finally(() => over.abort());
}

function lookAsked(context: Context): Asked {
  const query = givenInQuery(new URL(context.req.url).searchParams);
  const asked = askedOf(context.req.param('name') ?? '', query);
  if (asked.kind === 'refused' || asked.operation.kind === 'look') return asked;
  return { kind: 'refused', why: 'It changes something: it is not asked for by an address.' };
}

async function changeAsked(context: Context): Promise<Asked> {
  const given: Given | undefined = givenIn(await bodyOf(context));
  return given
    ? askedOf(context.req.param('name') ?? '', given)
    : { kind: 'refused', why: 'It is no JSON of {"names":[…],"options":{…}}.' };
}

/** Undefined where it is no JSON object. */
async function bodyOf(context: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined);
  return isObject(body) ? body : undefined;
}

function refused(context: Context, why: string): Response {
  return context.json({ why }, 400);
}

function readOnly(context: Context): Response {
  return context.json({ why: 'This console only shows: it was started with --read-only.' }, 403);
}

function mistyped(context: Context, expected: string): Response {
  return context.json({ why: `It was not confirmed: type ${expected}.` }, 409);
}
