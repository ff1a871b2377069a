import { randomBytes, randomUUID } from 'node:crypto';
import type { DeferredEvent } from '../../core/events/deferred-event.ts';

const FUNCTION = 'orders';

/** An event with everything in it. */
export function sampleEvent(text: string, changes: Partial<DeferredEvent> = {}): DeferredEvent {
  return {
    id: randomUUID(),
    functionName: FUNCTION,
    functionVersion: '7',
    invokedFunctionArn: `arn:aws:lambda:eu-south-1:123456789012:function:${changes.functionName ?? FUNCTION}:live`,
    clientVersion: '12.3.45-rc.1+build.7',
    source: 'kinesis',
    deferredAt: Date.UTC(2026, 10, 21, 1, 2, 3, 4),
    text,
    bytes: Buffer.byteLength(text),
    clientContext: '{"custom":{"k":"v"}}',
    cognitoIdentity: '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
    traceId: 'Root=1-5e1b4151-5ac6c58f3d2f7c1e0f0c1a2b;Sampled=1',
    tenantId: 'tenant-1',
    timeoutMs: 2_987,
    windowStartAt: Date.UTC(2026, 10, 21),
    windowEndAt: Date.UTC(2026, 10, 21, 4),
    windowReason: 'database upgrade CHG-1042 — “größer”',
    orderKeys: [{ key: 'orders.fifo#customer-7', sequence: '18849496460467696123' }, { key: 'orders.fifo#customer-9' }],
    ...changes,
  };
}

/** Text that no compression makes smaller by much, of this many bytes. */
export function denseText(bytes: number): string {
  return randomBytes(Math.ceil(bytes * 0.75) + 3)
    .toString('base64')
    .slice(0, bytes);
}
