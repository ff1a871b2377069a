import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { stockClient } from '../worlds/client-process.ts';
import { copyStock, type Pair, preparePair } from './side-by-side.ts';
import { type Scenario, transcribe } from './transcript.ts';

/** One small change to the stock client, and a scenario in which it must be seen. */
interface Alteration {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly scenario: Omit<Scenario, 'name' | 'shows'>;
}

const ALTERATIONS: readonly Alteration[] = [
  {
    name: 'one letter of an error message',
    from: 'is undefined or not exported',
    to: 'is undefined or not exporteD',
    scenario: { handler: 'values.noSuchExport' },
  },
  {
    name: 'a header',
    from: '"Content-Type": "application/json",',
    to: '"Content-Type": "application/json", "X-Gate": "1",',
    scenario: { handler: 'broken/throws.handler' },
  },
  {
    name: 'the letters of a header’s name',
    from: 'var HEADER_CONTENT_TYPE = "Content-Type"',
    to: 'var HEADER_CONTENT_TYPE = "content-type"',
    scenario: { handler: 'streams.onlyEnd' },
  },
  { name: 'a line that moves', from: '\n\n', to: '\n\n\n', scenario: { handler: 'faults.throwAsynchronously' } },
  {
    name: 'a frame in a stack trace',
    from: 'await this.handler(event, context)',
    to: 'await (() => this.handler(event, context))()',
    scenario: { handler: 'faults.throwSynchronously' },
  },
  {
    name: 'a global',
    from: 'ignition();',
    to: 'globalThis.gate = 1; ignition();',
    scenario: { handler: 'surroundings.globals' },
  },
  {
    name: 'a variable',
    from: 'ignition();',
    to: 'process.env.GATE = "1"; ignition();',
    scenario: { handler: 'surroundings.environment' },
  },
  {
    name: 'a listener',
    from: 'ignition();',
    to: 'process.on("exit", () => {}); ignition();',
    scenario: { handler: 'surroundings.listeners' },
  },
  {
    name: 'a log line',
    from: 'ignition();',
    to: 'process.stdout.write("here\\n"); ignition();',
    scenario: { handler: 'values.echo' },
  },
  {
    name: 'one more request',
    from: 'const processor = this.createProcessor();',
    to: 'const processor = (await this.lifecycle.client.nextInvocation(), this.createProcessor());',
    scenario: {
      handler: 'values.echo',
      invocations: [],
      environment: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true' },
    },
  },
  {
    name: 'an event that is written anew',
    from: 'JSON.parse(invocationRequest.bodyJson)',
    to: 'JSON.parse(invocationRequest.bodyJson, (_, v) => v === 1 ? "1" : v)',
    scenario: { handler: 'values.echo', invocations: ['{"n":1}'] },
  },
  {
    name: 'the boundaries of chunks',
    from: 'write(metadataPrelude);\n      write(new Uint8Array(DELIMITER_LEN));',
    to: 'write(metadataPrelude + "\\0".repeat(DELIMITER_LEN));',
    scenario: { handler: 'streams.prelude' },
  },
  {
    name: 'a trailer that is lost',
    from: '[TRAILER_NAME_ERROR_TYPE]: error.errorType,',
    to: '',
    scenario: { handler: 'streams.throwsInTheMiddle', unordered: true },
  },
  {
    name: 'an exit code',
    from: 'ignition();',
    to: 'ignition().catch(() => process.exit(2));',
    scenario: { handler: 'values.echo', invocations: [] },
  },
  {
    name: 'a process that lives on',
    from: 'ignition();',
    to: 'setTimeout(() => process.exit(1), 500); ignition();',
    scenario: { handler: 'lifetimes.waitsForNothing' },
  },
  {
    name: 'a frame of the log pipe',
    from: '(frameType | level.tlvMask)',
    to: '(frameType | level.tlvMask ^ 4)',
    scenario: { handler: 'logs.everyLevel', telemetry: true },
  },
];

describe('the comparison with stock sees', () => {
  const source = readFileSync(join(stockClient().folder, UPSTREAM.file), 'utf8');
  let pair: Pair;
  beforeAll(async () => {
    pair = await preparePair();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it.concurrent.for(
    ALTERATIONS.map((alteration, i) => ({ ...alteration, folder: `alt${String(i).padStart(2, '0')}` })),
  )('$name', async ({ name, from, to, scenario, folder }) => {
    const altered = stockClient(join(pair.stock.folder, '..', folder));
    copyStock(altered.folder);
    const text = source.replace(from, () => to);
    expect(text, 'the alteration itself').not.toBe(source);
    writeFileSync(join(altered.folder, UPSTREAM.file), text);

    const told = { ...scenario, name, shows: '' };
    const stock = await transcribe(pair.stock, told, pair.environment);
    expect(await transcribe(altered, told, pair.environment)).not.toEqual(stock);
    expect(await transcribe(pair.stock, told, pair.environment)).toEqual(stock);
  });
});
