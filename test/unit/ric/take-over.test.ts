import { expect, it } from 'vitest';
import type { Connect, OwnSocket } from '../../../host/native-sockets.ts';
import { createTakingOver } from '../../../ric/native/take-over.ts';

const OPTIONS = { host: 'ssm.eu-south-1.amazonaws.com', port: 443 };
const UNKNOWN_ROOT = Object.assign(new Error('UNABLE_TO_GET_ISSUER_CERT_LOCALLY: nobody knows the root'), {
  code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
});

/** A socket that keeps what it is asked, and says what it is told to. */
function fakeSocket() {
  const asked: string[] = [];
  const listeners: [string, (heard?: unknown) => void][] = [];
  const socket: OwnSocket = {
    writableLength: 7,
    ref: () => keep('ref'),
    unref: () => keep('unref'),
    setNoDelay: () => keep('setNoDelay'),
    setKeepAlive: (_, afterMs) => keep(`setKeepAlive ${afterMs}`),
    write(text, written) {
      keep(`write ${text}`);
      written();
      return true;
    },
    destroy: () => keep('destroy'),
    on: (name, listener) => listen(name, listener),
    once: (name, listener) => listen(name, listener),
  };
  return {
    socket,
    asked,
    say(name: string, heard?: unknown) {
      for (const [of, listener] of [...listeners]) if (of === name) listener(heard);
    },
  };

  function keep(what: string): OwnSocket {
    asked.push(what);
    return socket;
  }

  function listen(name: string, listener: (heard?: unknown) => void): OwnSocket {
    listeners.push([name, listener]);
    return socket;
  }
}

/** `connect`, and what it made of both kinds. */
function taking() {
  const natives: ReturnType<typeof fakeSocket>[] = [];
  const nodes: ReturnType<typeof fakeSocket>[] = [];
  const told: string[] = [];
  const into =
    (made: ReturnType<typeof fakeSocket>[]): Connect =>
    () => {
      const fake = fakeSocket();
      made.push(fake);
      return fake.socket;
    };
  const connect = createTakingOver(
    into(natives),
    () => into(nodes),
    (cause) => told.push(cause),
  );
  return { connect, natives, nodes, told };
}

/** A request as `aws/request/http-connection.ts` makes one. @returns what is heard of it */
function request(socket: OwnSocket): string[] {
  const heard: string[] = [];
  socket.setNoDelay().setKeepAlive(true, 1_000);
  socket.once('secureConnect', () => heard.push('secureConnect'));
  socket.on('data', (bytes) => heard.push(`data ${bytes}`));
  socket.on('error', (error) => heard.push(`error ${(error as NodeJS.ErrnoException).code}`));
  socket.on('close', () => heard.push('close'));
  socket.ref();
  socket.write('POST', () => heard.push('written'));
  return heard;
}

it('where OpenSSL refuses the peer Node makes the same connection, and nobody hears of it', () => {
  const { connect, natives, nodes, told } = taking();
  const heard = request(connect(OPTIONS));
  natives[0]?.say('error', UNKNOWN_ROOT);
  natives[0]?.say('close');
  expect(nodes[0]?.asked).toEqual(['setNoDelay', 'setKeepAlive 1000', 'ref', 'write POST']);
  nodes[0]?.say('secureConnect');
  nodes[0]?.say('data', '200');
  expect(heard).toEqual(['written', 'written', 'secureConnect', 'data 200']);
  expect(told).toEqual([`${OPTIONS.host}: ${UNKNOWN_ROOT.message}`]);
});

it('where the sockets are broken for good Node makes it, and where the system lacks something nobody does', () => {
  const { connect, natives, nodes } = taking();
  const heard = request(connect(OPTIONS));
  natives[0]?.say('error', Object.assign(new Error(), { code: 'EMFILE' }));
  expect([heard.at(-1), nodes.length]).toEqual(['error EMFILE', 0]);
  request(connect(OPTIONS));
  natives[1]?.say('error', Object.assign(new Error(), { code: 'ERR_SOCKETS_BROKEN' }));
  expect(nodes[0]?.asked).toEqual(['setNoDelay', 'setKeepAlive 1000', 'ref', 'write POST']);
});

it('where Node refuses it, too, its own fault is heard', () => {
  const { connect, natives, nodes } = taking();
  const heard = request(connect(OPTIONS));
  natives[0]?.say('error', UNKNOWN_ROOT);
  natives[0]?.say('close');
  nodes[0]?.say('error', Object.assign(new Error(), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }));
  nodes[0]?.say('close');
  expect(heard.slice(2)).toEqual(['error SELF_SIGNED_CERT_IN_CHAIN', 'close']);
});

it('from then on all connections are Node’s, those under way included, and it is told once', () => {
  const { connect, natives, nodes, told } = taking();
  const [, second] = [request(connect(OPTIONS)), request(connect(OPTIONS))];
  natives[0]?.say('error', UNKNOWN_ROOT);
  natives[1]?.say('error', UNKNOWN_ROOT);
  request(connect(OPTIONS));
  expect([natives.length, nodes.length, told.length]).toEqual([2, 3, 1]);
  nodes[1]?.say('secureConnect');
  expect(second).toContain('secureConnect');
});

it('what is asked later goes to Node’s', () => {
  const { connect, natives, nodes } = taking();
  const socket = connect(OPTIONS);
  natives[0]?.say('error', UNKNOWN_ROOT);
  socket.unref().destroy();
  expect(nodes[0]?.asked).toEqual(['unref', 'destroy']);
  expect(natives[0]?.asked).toEqual([]);
});

it.each<[string, () => Connect]>([
  [
    'be loaded',
    () => {
      throw new Error('a handler has changed it');
    },
  ],
  [
    'connect',
    () => () => {
      throw new Error('a handler has changed it');
    },
  ],
])('where Node’s module cannot %s, the peer is refused, and nothing is thrown into the loop', (_, byNode) => {
  const native = fakeSocket();
  const told: string[] = [];
  const connect = createTakingOver(
    () => native.socket,
    byNode,
    (cause) => told.push(cause),
  );
  const heard = request(connect(OPTIONS));
  native.say('error', UNKNOWN_ROOT);
  native.say('close');
  expect(heard).toEqual(['written', `error ${UNKNOWN_ROOT.code}`, 'close']);
  expect(told).toEqual([]);
});

it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE'])(
  'a fault of the network (%s) is the same for both, and stays',
  (code) => {
    const { connect, natives, nodes, told } = taking();
    const heard = request(connect(OPTIONS));
    natives[0]?.say('error', Object.assign(new Error(), { code }));
    natives[0]?.say('close');
    expect(heard).toEqual(['written', `error ${code}`, 'close']);
    expect([nodes, told]).toEqual([[], []]);
  },
);

it('a connection that was made stays, whatever comes of it: its request may have arrived', () => {
  const { connect, natives, nodes } = taking();
  const heard = request(connect(OPTIONS));
  natives[0]?.say('secureConnect');
  natives[0]?.say('error', Object.assign(new Error(), { code: 'ERR_SSL_BAD_RECORD_MAC' }));
  expect(heard).toEqual(['written', 'secureConnect', 'error ERR_SSL_BAD_RECORD_MAC']);
  expect(nodes).toEqual([]);
});
