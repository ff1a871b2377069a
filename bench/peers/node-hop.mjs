/**
 * The peer of the proxy's benchmark in Node: a Runtime API proxy as AWS's sample has it, which fetches what it is asked for,
 * reads it whole and sends it on. It passes everything, and knows no windows. In its favour: no framework, nothing is
 * parsed and written again, and nothing is logged.
 * Source: https://github.com/aws-samples/aws-lambda-extensions (`nodejs-example-lambda-runtime-api-proxy-extension`)
 */
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const { AWS_LAMBDA_RUNTIME_API: lambda, LRAP_LISTENER_PORT: port } = process.env;
const ID = 'lambda-extension-identifier';
/** Those are of a connection, and `fetch` writes its own. */
const OF_CONNECTION = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding']);

await new Promise((listening) => createServer(passOn).listen(Number(port), '127.0.0.1', listening));
await beExtension();

async function passOn(request, response) {
  const { method, url, headers } = request;
  const body = method === 'GET' ? undefined : await buffer(request);
  const answer = await fetch(`http://${lambda}${url}`, { method, headers: ownHeaders(Object.entries(headers)), body });
  const content = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { ...ownHeaders(answer.headers), 'Content-Length': content.length }).end(content);
}

function ownHeaders(headers) {
  return Object.fromEntries([...headers].filter(([name]) => !OF_CONNECTION.has(name)));
}

/** Registers, and waits for an event that never comes. */
async function beExtension() {
  const url = `http://${lambda}/2020-01-01/extension`;
  const registering = { method: 'POST', headers: { 'Lambda-Extension-Name': 'node-hop' }, body: '{"events":[]}' };
  const { headers } = await fetch(`${url}/register`, registering);
  await fetch(`${url}/event/next`, { headers: { [ID]: headers.get(ID) } });
}
