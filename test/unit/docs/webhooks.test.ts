import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../core/units.ts';

// The handler of docs/webhooks.md, as it stands there.
const SECRET = 'whsec_test';
const BODY = '{"id":"evt_1"}';

type Handler = (event: unknown, context: unknown) => Promise<{ readonly statusCode: number }>;

let handler: Handler;
beforeAll(async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/webhooks.md'), 'utf8');
  const [, code = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
  process.env['WEBHOOK_SECRET'] = SECRET;
  ({ handler } = await import(`data:text/javascript,${encodeURIComponent(code)}`));
});
afterAll(() => {
  delete process.env['WEBHOOK_SECRET'];
});

function signedAt(at: number, secret = SECRET): object {
  const seconds = Math.floor(at / 1000);
  const v1 = createHmac('sha256', secret).update(`${seconds}.${BODY}`).digest('hex');
  return { body: BODY, headers: { 'webhook-signature': `t=${seconds},v1=${v1}` } };
}

function replayOf(deferredAt: number): object {
  const [replay, at] = ['event-1', new Date(deferredAt).toISOString()];
  return { clientContext: { custom: { 'maintenance-window.replay': replay, 'maintenance-window.deferredAt': at } } };
}

const statusOf = async (event: object, context: object) => (await handler(event, context)).statusCode;

describe('a handler of signed webhooks', () => {
  const now = Date.now();

  it('takes one that comes now, and refuses one that is old or of somebody else’s', async () => {
    expect(await statusOf(signedAt(now), {})).toBe(200);
    expect(await statusOf(signedAt(now - HOUR_MS), {})).toBe(400);
    expect(await statusOf(signedAt(now, 'another'), {})).toBe(400);
    expect(await statusOf({ body: BODY, headers: {} }, {})).toBe(400);
  });

  it('takes one whose body comes in Base64', async () => {
    const encoded = { ...signedAt(now), body: Buffer.from(BODY).toString('base64'), isBase64Encoded: true };
    expect(await statusOf(encoded, {})).toBe(200);
  });

  it('takes a replayed one that was young when it came', async () => {
    expect(await statusOf(signedAt(now - HOUR_MS), replayOf(now - HOUR_MS + 292_000))).toBe(200);
  });

  it('refuses a replayed one that was old when it came', async () => {
    expect(await statusOf(signedAt(now - HOUR_MS), replayOf(now - HOUR_MS + 310_000))).toBe(400);
    expect(await statusOf(signedAt(now - HOUR_MS), replayOf(now))).toBe(400);
  });
});
