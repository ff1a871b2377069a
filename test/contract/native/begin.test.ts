import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heard } from '../../../host/native-sockets.ts';
import { beginNative, type NativeBegun } from '../../../ric/native/begin.ts';

/** The connection that is begun before there is a gate. */

const folder = join(import.meta.dirname, '..', '..', '..', 'dist', 'ric');
const KEYS = { AWS_REGION: 'eu-south-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

let ssm: Server;
let port: number;
let peers: Socket[];
let begun: NativeBegun[];
beforeEach(async () => {
  peers = [];
  begun = [];
  ssm = createServer((socket) => {
    peers.push(socket);
    socket.on('data', (data) => socket.end(`${data} heard`));
  });
  await once(ssm.listen(0, '127.0.0.1'), 'listening');
  ({ port } = ssm.address() as AddressInfo);
});
afterEach(() => {
  for (const one of begun) one.closeUntaken();
  for (const peer of peers) peer.destroy();
  ssm.close();
});

interface Given {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isMainThread?: boolean;
}

function begin({ environment = {}, isMainThread = true }: Given = {}): NativeBegun {
  const env = { ...KEYS, AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port}`, ...environment };
  const getBuiltinModule = (name: string) =>
    name === 'node:worker_threads' ? { isMainThread } : process.getBuiltinModule(name);
  const { dlopen } = process;
  const native = beginNative({
    process: { env, execArgv: [], dlopen, getBuiltinModule: getBuiltinModule as typeof process.getBuiltinModule },
    readFileSync,
    folder,
  });
  if (native.kind !== 'begun') throw new Error(JSON.stringify(native));
  begun.push(native);
  return native;
}

/** Asks one connection for an echo. @returns what is heard, by the connection's id */
function echo({ addon, hearBy }: NativeBegun): Promise<readonly (readonly [number, Heard, string?])[]> {
  return new Promise((resolve) => {
    const heard: (readonly [number, Heard, string?])[] = [];
    hearBy((id, kind, first) => {
      heard.push(kind === 'data' ? [id, kind, Buffer.from(first as ArrayBuffer).toString()] : [id, kind]);
      if (kind === 'close') resolve(heard);
    });
    addon.send(addon.connect('127.0.0.1', port, false), 'who');
  });
}

it('is the first to that peer, and every further one is new', async () => {
  const native = begin();
  const first = await echo(native);
  expect(first.map(([, ...said]) => said)).toEqual([['connect'], ['data', 'who heard'], ['end'], ['close']]);
  expect(peers).toHaveLength(1);
  const second = await echo(native);
  expect(peers).toHaveLength(2);
  expect(second[0]?.[0]).not.toBe(first[0]?.[0]);
});

it('is nobody’s who asks for another peer', async () => {
  const native = begin();
  await expect.poll(() => peers.length).toBe(1);
  native.addon.close(native.addon.connect('localhost', port, false));
  native.addon.close(native.addon.connect('127.0.0.1', port, true));
  expect(native.addon.connect('127.0.0.1', port, false)).toBe(1);
});

it('is closed where the gate does not ask for it', async () => {
  const native = begin();
  await expect.poll(() => peers.length).toBe(1);
  const [peer] = peers as [Socket];
  const ended = once(peer.resume(), 'close');
  native.closeUntaken();
  await ended;
  await echo(native);
  expect(peers).toHaveLength(2);
});

describe('is not made', () => {
  it.each([
    ['where a profile finds the keys', { environment: { AWS_PROFILE: 'team' } }],
    ['where the keys are elsewhere', { environment: { AWS_ACCESS_KEY_ID: '' } }],
    ['to a host that is none', { environment: { AWS_ENDPOINT_URL_SSM: 'http://.' } }],
    [
      'in a thread that has its windows of another one',
      { environment: { AWS_LAMBDA_MAX_CONCURRENCY: '64' }, isMainThread: false },
    ],
  ])('%s', async (_, given) => {
    const native = begin(given);
    await echo(native);
    expect(peers).toHaveLength(1);
  });

  it('but in the thread that reads for the others', async () => {
    begin({ environment: { AWS_LAMBDA_MAX_CONCURRENCY: '64' } });
    await expect.poll(() => peers.length).toBe(1);
  });
});
