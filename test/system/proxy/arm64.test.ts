import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOfReplay } from '../../../core/replay/outcome.ts';
import { type ServedInvocation, startRuntimeApi } from '../../fakes/runtime-api.ts';
import { startClient } from '../../worlds/client-process.ts';
import { clientBehindProxyOf, missingFor, OWN_CPU, proxyFolderOf } from '../../worlds/cpus.ts';
import { hasProxy, proxyPort } from '../../worlds/proxy.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** The proxy that was built for arm64, as QEMU runs it. On a machine of arm64 every other test of the proxy is about it. */

const PROOF = 'Kq0v4mZp1xS8yWc2TjR6bA';
const NO_WINDOWS = '{"version":1,"windows":[]}';

const isBuilt = existsSync(proxyFolderOf('arm64'));
const isOwn = OWN_CPU === 'arm64';
const missing =
  missingFor('arm64') ?? (isBuilt || process.env['CI'] ? undefined : 'the build has said why there is none');
if (hasProxy && missing) process.stderr.write(`Skipped, the proxy of arm64: ${missing}\n`);

describe.skipIf(!hasProxy || isOwn || missing)('the proxy of arm64', () => {
  let aws: Surroundings;
  beforeAll(async () => {
    aws = await startSurroundings();
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  async function run(invocation: ServedInvocation, settings: Readonly<Record<string, string>> = {}) {
    await using api = await startRuntimeApi({ invocations: [invocation] });
    await using client = startClient({
      client: clientBehindProxyOf('arm64'),
      handler: 'context.everything',
      runtimeApi: api.address,
      environment: { ...aws.environment, ...(await proxyPort()), ...settings },
    });
    const { code, stdout, stderr } = await client.exited;
    const sent = api.requests.filter(({ kind }) => /^(?:response|error|init-error)$/.test(kind));
    return { code, log: stdout + stderr, answers: sent.map(({ kind, body }) => `${kind} ${body}`) };
  }

  it('refuses a setting at its start, by name', async () => {
    const { code, answers } = await run({}, { MAINTENANCE_WINDOW_TTL: '0' });
    expect(code).toBe(78);
    expect(answers).toEqual([expect.stringContaining('MAINTENANCE_WINDOW_TTL: \\"0\\" is not allowed')]);
  });

  it('passes an invocation on outside a window', async () => {
    await aws.setWindows(NO_WINDOWS);
    const { answers, log } = await run({ id: 'outside', text: '{"order": 9007199254740993}' });
    expect(answers, log).toEqual([expect.stringMatching(/^response .*order\\":9007199254740992/)]);
    expect(await aws.eventItem('outside')).toBeUndefined();
  });

  it('stores an event inside a window, byte for byte', async () => {
    const text = JSON.stringify({ order: 1, note: 'é'.repeat(20_000) });
    await aws.setWindows(activeWindows());
    const { answers, log } = await run({ id: 'inside', text });
    expect(answers, log).toEqual([expect.stringMatching(/^error .*MaintenanceWindow\.Active/)]);
    expect(String(await aws.storedBytes('inside'))).toBe(text);
    expect((await aws.eventItem('inside'))?.['encoding']?.S).toBe('gzip');
  });

  it.each([true, false])('hands a replay to the handler inside a window if it is to: %s', async (dispatch) => {
    const context = contextOfReplay(
      { replay: 'id-1', deferredAt: Date.UTC(2026, 10, 21), proof: PROOF, dispatch },
      undefined,
    );
    if (context.kind === 'refused') throw new Error(context.message);
    const clientContext = Buffer.from(context.base64, 'base64').toString();
    await aws.setWindows(activeWindows());
    const id = `replay-${dispatch}`;
    const { answers, log } = await run({ id, text: '{"n":1}', clientContext });
    const answer = dispatch ? /^response .*maintenance-window\.replay\\":\\"id-1/ : new RegExp(`^error .*${PROOF}`);
    expect(answers, log).toEqual([expect.stringMatching(answer)]);
    expect(answers.join().includes(PROOF)).toBe(!dispatch);
    expect(await aws.eventItem(id)).toBeUndefined();
  });
});
