// A Runtime API proxy that does to an invocation as AWS's sample for Node does: reads each body whole, parses it, and writes
// it anew. https://github.com/aws-samples/aws-lambda-extensions, nodejs-example-lambda-runtime-api-proxy-extension
import { createServer } from 'node:http';

const upstream = process.env.LRAP_RUNTIME_API_ENDPOINT || process.env.AWS_LAMBDA_RUNTIME_API;
const port = process.env.LRAP_LISTENER_PORT || 9009;
const MARK = { 'lrap-processed': true };

createServer(async (request, response) => {
  const { method, url, headers } = request;
  const isError = url.endsWith('/error');
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  const body = method === 'POST' ? JSON.stringify({ ...JSON.parse(text), ...(!isError && MARK) }) : undefined;
  const { 'content-length': _, host: __, ...kept } = headers;
  const answer = await fetch(`http://${upstream}${url}`, { method, body, ...(isError && { headers: kept }) });
  const answered = await answer.text();
  const isEvent = method === 'GET' && answer.ok;
  for (const [name, value] of answer.headers) if (name !== 'content-length') response.setHeader(name, value);
  if (isEvent) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.writeHead(answer.status);
  response.end(isEvent ? JSON.stringify({ ...JSON.parse(answered), ...MARK }) : answered);
}).listen(Number(port), '127.0.0.1', () => console.log('listens'));
