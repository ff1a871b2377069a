/**
 * What the engine runs for the tests: its world, then the same answers as Node's, by the outline of every event, a small
 * one's too; and adapters that live there. Its clock is that of whoever asks: see `proxy/examples/engine.rs`.
 */
import '../../proxy/node/world.ts';
import { heard } from '../../proxy/node/sockets.ts';
import { due } from '../../proxy/node/timers.ts';
import { outlined } from '../../proxy/outline.ts';
import { type AdapterCall, callAdapter } from './engine-adapters.ts';
import type { Question } from './engine-answers.ts';
import { answerTo } from './engine-answers.ts';

/** What a line may ask. */
export type Asked = Question | AdapterCall | { readonly about: 'time' };

Date.now = () => Math.round(native.monotonicMs());
Object.assign(globalThis, { maintenanceWindow: { begin: () => undefined, ask, heard, due } });

/** Answers `<number> <question>` with `<number> <answer>`. */
function ask(question: number, _kind: string, line: string): void {
  const space = line.indexOf(' ');
  const answer = answered(JSON.parse(line.slice(space + 1))).catch((error) => JSON.stringify(`fault: ${error}`));
  void answer.then((text) => native.answer(question, `${line.slice(0, space)} ${text}`));
}

async function answered(asked: Asked): Promise<string> {
  switch (asked.about) {
    case 'time':
      return '';
    case 'event-store':
    case 'window-source':
      return JSON.stringify(await callAdapter(asked));
    default:
      return answerTo(asked, (invocation) => outlined(invocation, 0));
  }
}
