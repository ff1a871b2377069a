import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pair, preparePair } from './side-by-side.ts';
import { type Scenario, type Transcript, transcribe } from './transcript.ts';

// Where the patched client differs from stock on purpose, and how far.

describe('the patched client differs from stock when', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await preparePair();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  async function both(handler: string, more: Partial<Scenario> = {}): Promise<[Transcript, Transcript]> {
    const scenario = { name: handler, handler, shows: '', ...more };
    return Promise.all([
      transcribe(pair.stock, scenario, pair.environment),
      transcribe(pair.patched, scenario, pair.environment),
    ]);
  }

  it('there is no handler: bootstrap says how to give one and exits with 64', async () => {
    const [stock, patched] = await both('');
    expect([stock.requests, stock.end]).toEqual([[], 'ended with 1']);
    expect(stock.stderr.join('\n')).toContain('_HANDLER environment variable is not set');
    expect([patched.requests, patched.end]).toEqual([[], 'ended with 64']);
    expect(patched.stderr.join('\n')).toContain('bootstrap index.handler');
  });

  it('a rejection goes unhandled while the module is loaded: it dies of it before the first poll, which waits for the windows', async () => {
    const [stock, patched] = await both('broken/rejects-unhandled.handler');
    expect(patched).toEqual({ ...stock, requests: [] });
    expect(patched.stderr.join('\n')).toContain('unhandled while loading');
  });

  it('the window parameter does not exist: it logs one line of its own, and only that', async () => {
    const [stock, patched] = await both('logs.everyLevel', {
      environment: { MAINTENANCE_WINDOW_PARAMETER: 'there-is-none' },
    });
    const own = patched.stdout.filter((line) => line.includes('a window parameter does not exist'));
    expect(own).toHaveLength(1);
    expect({ ...patched, stdout: patched.stdout.filter((line) => !own.includes(line)) }).toEqual(stock);
  });
});
