import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { answerTo, type Question } from '../../../worlds/engine-answers.ts';
import type { ProxyEngine } from '../../../worlds/proxy-engine.ts';

export const HEADERS = {
  'lambda-runtime-aws-request-id': 'event-1',
  'lambda-runtime-deadline-ms': '1795223100000',
  'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-south-1:123456789012:function:orders:live',
  'lambda-runtime-trace-id': 'Root=1-5;é',
};

/** Client contexts: of a caller who imitates a source, and of a replay, which is answered before any policy is asked. */
export const CONTEXTS: readonly string[] = [
  '{"custom":{"x":"\\ud800"}}',
  '{"custom":{"x":"\\ud800","maintenance-window.replay":"r","maintenance-window.proof":"abcdefghijklmnopqrstuv"}}',
];

/** Asks the engine of the proxy, which decides by the outline, and Node, which decides by the whole text. @returns their answer */
export async function expectSame(engine: ProxyEngine, question: Question): Promise<string> {
  const [there, here] = await Promise.all([engine.ask(question), answerTo(question)]);
  expect(unpacked(there)).toBe(unpacked(here));
  return here;
}

/** Unpacks what is stored: of two compressors one may pack a short text smaller than it is, and the other not. */
function unpacked(answer: string): string {
  return answer.replaceAll(
    /"body":\{"bytes":"([^"]*)"\}|"encoding":\{"S":"(?:gzip|identity)"\}/g,
    (_, base64: string | undefined) => {
      if (base64 === undefined) return '"encoding":{}';
      const stored = Buffer.from(base64, 'base64');
      return `"body":${JSON.stringify((stored[0] === 0x1f ? gunzipSync(stored) : stored).toString('base64'))}`;
    },
  );
}
