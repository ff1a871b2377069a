import { expect, it } from 'vitest';
import { playDemo } from '../../../local/demo.ts';
import type { Invoked, Replayed, Stage, StoredEvent } from '../../../local/demo-stage.ts';

const EVENTS = { sqs: '{"Records":[]}', http: '{"version":"2.0"}' };
const HANDLED = { [EVENTS.sqs]: '{"batchItemFailures":[]}', [EVENTS.http]: '{"statusCode":201}' };
const DEFERRED = { ...HANDLED, [EVENTS.http]: '{"statusCode":503,"headers":{"Retry-After":"3700"}}' };

/** What is wrong with a system that does not keep the story's promises. */
interface Flaw {
  readonly invoked?: (invoked: Invoked, inWindow: boolean, event: string) => Partial<Invoked>;
  readonly stored?: (stored: StoredEvent) => Partial<StoredEvent> | 'lost';
  readonly replayed?: Partial<Replayed>;
  /** The status that the replay leaves. */
  readonly leaves?: string;
  /** The status that the drain leaves. */
  readonly drains?: string;
}

/** A system on which every step holds, but for the flaw. */
function stageWith(flaws: Flaw): Stage {
  const { invoked: spoilInvoked = () => ({}), stored: spoilStored = () => ({}), replayed, leaves = 'replayed' } = flaws;
  const { drains = 'replayed' } = flaws;
  let inWindow = false;
  let invocations = 0;
  const table = new Map<string, StoredEvent>();
  return {
    async invoke(event) {
      invocations += 1;
      const id = `id-${invocations}`;
      if (inWindow && event === EVENTS.sqs) table.set(id, { status: 'pending', source: 'sqs', text: event });
      const reply = (inWindow ? DEFERRED : HANDLED)[event] ?? '';
      const invoked = { id, failed: false, reply, lines: inWindow ? ['deferred'] : ['INFO\tbooked A-1001'] };
      return { ...invoked, ...spoilInvoked(invoked, inWindow, event) };
    },
    async setWindows(value) {
      inWindow = !value.includes('"windows":[]');
    },
    async storedEvent(id) {
      const stored = table.get(id);
      const flaw = stored && spoilStored(stored);
      return flaw === 'lost' ? undefined : stored && { ...stored, ...flaw };
    },
    async replay() {
      for (const [id, event] of table) table.set(id, { ...event, status: leaves });
      return { exitCode: 0, text: '', lines: ['INFO\tbooked A-1001'], ...replayed };
    },
    async drained(id) {
      const event = table.get(id);
      if (event) table.set(id, { ...event, status: drains });
      return ['INFO\tbooked A-1001', 'Replay Finished: it has finished'];
    },
    close: () => undefined,
  };
}

async function play(flaw: Flaw): Promise<{ held: boolean; failed: string[] }> {
  const lines: string[] = [];
  const held = await playDemo(stageWith(flaw), EVENTS, 0, (line) => lines.push(line));
  return { held, failed: lines.filter((line) => line.includes('✗')) };
}

it('holds where every step holds', async () => {
  expect(await play({})).toEqual({ held: true, failed: [] });
});

it.each<[string, string, Flaw]>([
  [
    'the handler is not called before the window',
    'the handler wrote nothing',
    { invoked: (_, inWindow) => (inWindow ? {} : { lines: [] }) },
  ],
  [
    'the handler is called inside the window',
    'the handler was called',
    { invoked: () => ({ lines: ['booked A-1001'] }) },
  ],
  ['the event is lost', 'there is no item', { stored: () => 'lost' }],
  ['the stored text differs by a byte', '', { stored: ({ text }) => ({ text: `${text} ` }) }],
  ['the event is not pending', 'replayed', { stored: () => ({ status: 'replayed' }) }],
  [
    'SQS gets another answer',
    'null',
    { invoked: (_, inWindow, event) => (inWindow && event === EVENTS.sqs ? { reply: 'null' } : {}) },
  ],
  ['the invocation fails', 'failed: true', { invoked: (_, inWindow) => ({ failed: inWindow }) }],
  [
    'an HTTP caller is told that all is well',
    '200',
    { invoked: (_, inWindow, event) => (inWindow && event === EVENTS.http ? { reply: '{"statusCode":200}' } : {}) },
  ],
  [
    'an HTTP caller is not told when to come back',
    'Retry-After',
    { invoked: (_, inWindow, event) => (inWindow && event === EVENTS.http ? { reply: '{"statusCode":503}' } : {}) },
  ],
  [
    'an HTTP request is stored',
    '',
    { invoked: (_, inWindow, event) => (inWindow && event === EVENTS.http ? { id: 'id-2' } : {}) },
  ],
  ['the tool fails', 'no such table', { replayed: { exitCode: 66, text: 'no such table' } }],
  ['the tool says that all is well, and the handler was not called', 'wrote nothing', { replayed: { lines: [] } }],
  ['the replayed event is not marked so', 'failed', { leaves: 'failed' }],
  ['nobody drains the window that is over', 'pending', { drains: 'pending' }],
])('does not hold where %s, and says so', async (_what, reason, flaw) => {
  const { held, failed } = await play(flaw);
  expect(held).toBe(false);
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.join('\n')).toContain(reason);
});

it('goes on after a step that breaks', async () => {
  const { failed } = await play({
    invoked: () => {
      throw new Error('connect ECONNREFUSED');
    },
  });
  expect(failed).toHaveLength(10);
  expect(failed[0]).toContain('connect ECONNREFUSED');
});
