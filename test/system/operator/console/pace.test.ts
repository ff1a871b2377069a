/** How often a page looks again at what reads much of the table. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, OWN_HEADER } from '../../../../operator/console/answer.ts';
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

it('looks at little every three seconds, and says nothing of what it costs', async () => {
  await world.storeMany(2);
  times = 1;
  await using live = follow('events backlog');
  expect(await live.next()).toMatchObject({ exitCode: 0 });
  expect(live.last?.dear).toBeUndefined();
});

it('says that a look which reads much is repeated seldom, and repeats it at once after what is done here', async () => {
  await world.storeMany(2);
  times = 100_000;
  await using live = follow('events backlog');
  expect(await live.next()).toMatchObject({
    exitCode: 0,
    dear: { readUnits: expect.any(Number), againMs: 300_000 },
  });
  // the next look is five minutes away: what comes now comes of the change
  await console_.carryOut('events discard', { options: { function: [world.functionName], reason: ['none'] } });
  expect(JSON.stringify((await live.next()).results)).not.toBe(JSON.stringify(live.first?.results));
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

/** What the page gets of a look that it follows. */
function follow(name: string) {
  const controller = new AbortController();
  const answers = read(name, controller.signal);
  const told: Answer[] = [];
  return {
    get first() {
      return told[0];
    },
    get last() {
      return told.at(-1);
    },
    async next(): Promise<Answer> {
      const { value } = await answers.next();
      if (!value) throw new Error('it ended');
      told.push(value);
      return value;
    },
    async [Symbol.asyncDispose]() {
      controller.abort();
      await answers.return(undefined).catch(() => undefined);
    },
  };
}

async function* read(name: string, signal: AbortSignal): AsyncGenerator<Answer, undefined> {
  const { port, cookie } = console_;
  const response = await fetch(`http://127.0.0.1:${port}/api/live/${encodeURIComponent(name)}`, {
    headers: { [OWN_HEADER]: '1', cookie },
    signal,
  });
  let rest = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (rest + piece).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [, data] = /^data: (.+)$/m.exec(event) ?? [];
      if (data !== undefined) yield JSON.parse(data) as Answer;
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
