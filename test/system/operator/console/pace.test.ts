/** How often a page looks again at what reads much of the table, and that it hears what is done. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NEWS_HEADER, OWN_HEADER } from '../../../../operator/console/answer.ts';
import { buildConsole, type ConsoleWorld, startConsoleWorld } from '../../../worlds/console.ts';
import { cliWorldForEach } from '../../../worlds/replay-cli.ts';

const world = cliWorldForEach();
/** What reading costs is told so many times over: as of a table that has so many times more in it. */
let times = 1;
/** A row a page, and each page a moment later. */
let isSlow = false;
let queries = 0;
const EVENTS = 600;
let table: Server;
let console_: ConsoleWorld;

beforeAll(async () => {
  buildConsole();
  table = await startDearTable(world.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '');
  const { port } = table.address() as AddressInfo;
  console_ = await startConsoleWorld({
    ...world.environment,
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
  });
});
afterAll(async () => {
  await console_?.close();
  table?.closeAllConnections();
  table?.close();
});

it('says that little is worth another look in three seconds, and nothing of what it costs', async () => {
  await world.storeMany(2);
  times = 1;
  const looked = await console_.look('events backlog');
  expect(looked).toMatchObject({ exitCode: 0, againMs: 3_000 });
  expect(looked.dearUnits).toBeUndefined();
});

it('says that a look which reads much is worth another one seldom, and what it costs', async () => {
  await world.storeMany(2);
  times = 100_000;
  expect(await console_.look('events backlog')).toMatchObject({
    exitCode: 0,
    againMs: 300_000,
    dearUnits: expect.any(Number),
  });
});

it('tells each page that something was done here, and says so in each answer', async () => {
  await world.storeMany(2);
  const [one, other] = [hearNews(), hearNews()];
  try {
    const [before] = await Promise.all([one.next(), other.next()]);
    expect(before).toBe(await latest());
    await console_.carryOut('events discard', { options: { function: [world.functionName], reason: ['none'] } });
    const [heard] = await Promise.all([one.next(), other.next()]);
    expect(heard).toBeGreaterThan(before);
    expect(heard).toBe(await latest());
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
});

it.each([
  ['status', ''],
  ['events failures', 'within=1s'],
])('reads on for nobody once %s was answered in part', async (name, query) => {
  times = 1;
  await world.storeMany(EVENTS);
  isSlow = true;
  queries = 0;
  try {
    const { exitCode, results } = await console_.look(name, query);
    expect(exitCode).toBe(0);
    expect(JSON.stringify(results)).toContain('"atLeast":true');
    for (let before = -1; before !== queries; await sleep(500)) before = queries;
    // to the end it would have been one for each event
    expect(queries).toBeLessThan(EVENTS);
  } finally {
    isSlow = false;
  }
});

/** As any answer has it. */
async function latest(): Promise<number> {
  return Number((await console_.ask('/api/console')).headers[NEWS_HEADER]);
}

/** News as a page hears them. */
function hearNews() {
  const controller = new AbortController();
  const told = readNews(controller.signal);
  return {
    async next(): Promise<number> {
      const { value } = await told.next();
      if (value === undefined) throw new Error('it ended');
      return value;
    },
    async end(): Promise<void> {
      controller.abort();
      await told.return(undefined).catch(() => undefined);
    },
  };
}

async function* readNews(signal: AbortSignal): AsyncGenerator<number, undefined> {
  const { port, cookie, key } = console_;
  const response = await fetch(`http://127.0.0.1:${port}/api/news`, { headers: { [OWN_HEADER]: key, cookie }, signal });
  let rest = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, at] = /^data: (.+)$/.exec(line) ?? [];
      if (at !== undefined) yield Number(at);
    }
  }
  return undefined;
}

/** Passes everything on, and multiplies what an answer says that it cost. */
async function startDearTable(url: string): Promise<Server> {
  const server = createServer(async (asked, answer) => {
    const pieces = await asked.toArray();
    const { host, connection, 'content-length': length, 'accept-encoding': coding, ...headers } = asked.headers;
    const body = Buffer.concat(pieces).toString();
    const isQuery = asked.headers['x-amz-target']?.toString().endsWith('.Query');
    if (isQuery) queries += 1;
    if (isSlow) await sleep(50);
    const passed = await fetch(url, {
      method: asked.method ?? 'POST',
      headers: Object.entries(headers).map(([key, value]) => [key, String(value)] as [string, string]),
      body: isSlow && isQuery ? JSON.stringify({ ...JSON.parse(body), Limit: 1 }) : body,
    });
    const text = (await passed.text()).replace(
      /"CapacityUnits":([\d.]+)/g,
      (_, units) => `"CapacityUnits":${Number(units) * times}`,
    );
    const type = passed.headers.get('content-type') ?? '';
    const requestId = passed.headers.get('x-amzn-requestid') ?? '';
    answer.writeHead(passed.status, { 'content-type': type, 'x-amzn-requestid': requestId });
    answer.end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
