/** What the addon promises, over real sockets. A scenario is run with the addon as it is shipped, and with it sanitised. */
import assert from 'node:assert/strict';
import { constants, createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import type { Sockets } from './addon.ts';
import { certificate, later, USE } from './certificates.ts';
import { AUTHORITY, between, echo, peer, tlsPeer } from './peers.ts';

type Scenario = (sockets: Sockets) => Promise<void>;

const MEGABYTE = 1 << 20;
const LONG = 'a long text, ö and 🙂, '.repeat(60_000);

/** The first one: nothing has begun yet. */
const beginning: Record<string, Scenario> = {
  async 'begins anew where the system had no thread for it, and writes to no descriptor that is another one’s'({
    open,
  }) {
    await using server = await peer(echo);
    const folder = mkdtempSync(join(tmpdir(), 'beginning-'));
    const files = ['one', 'two', 'three'].map((name) => join(folder, name));
    process.env['NO_THREADS'] = '1';
    const failed = open('127.0.0.1', server.port);
    delete process.env['NO_THREADS'];
    // By the numbers that were the addon's for a moment.
    const strangers = files.map((file) => openSync(file, 'w'));
    failed.send('nobody is there for this');
    await failed.until('close');
    for (const stranger of strangers) closeSync(stranger);
    assert.deepEqual(failed.heard, ['error EAGAIN', 'close']);
    assert.deepEqual(
      files.map((file) => readFileSync(file, 'utf8')),
      ['', '', ''],
    );
    rmSync(folder, { recursive: true });
    const next = open('127.0.0.1', server.port);
    next.send('hello');
    assert.equal(await next.bytes(5), 'hello');
    next.close();
  },
};

const values: Record<string, Scenario> = {
  async 'hashes as node:crypto does'({ addon }) {
    const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString('hex');
    for (const data of ['', 'abc', 'ö🙂\ud800', '\0', LONG, new Uint8Array(0), Buffer.from('abc').subarray(1)]) {
      const text = typeof data === 'string' ? Buffer.from(data) : data;
      assert.equal(hex(addon.sha256(data)), createHash('sha256').update(text).digest('hex'));
      for (const key of ['', 'key', new Uint8Array(100), 'k'.repeat(200)]) {
        assert.equal(hex(addon.hmacSha256(key, data)), createHmac('sha256', key).update(text).digest('hex'));
      }
    }
    assert.ok(addon.sha256('') instanceof ArrayBuffer);
  },

  async 'says which OpenSSL it was compiled for'({ addon }) {
    assert.equal(addon.openssl.split('.')[0], process.versions.openssl.split('.')[0]);
  },

  async 'refuses arguments that are none, and goes on'({ addon, open }) {
    const wrong: [RegExp, () => unknown][] = [
      [/ERR_INVALID_STATE/, () => addon.start(() => undefined, '')],
      [/ERR_INVALID_ARG_VALUE/, () => addon.connect('', 80, true)],
      [/ERR_INVALID_ARG_VALUE/, () => addon.connect('.localhost', 80, true)],
      [/ERR_INVALID_ARG_VALUE/, () => addon.connect('localhost\0.elsewhere', 80, true)],
      [/ERR_INVALID_ARG_VALUE/, () => addon.connect(1 as never, 80, true)],
      [/ERR_SOCKET_BAD_PORT/, () => addon.connect('localhost', -1, true)],
      [/ERR_SOCKET_BAD_PORT/, () => addon.connect('localhost', 65_536, true)],
      [/ERR_SOCKET_BAD_PORT/, () => addon.connect('localhost', '80' as never, true)],
      [/ERR_INVALID_ARG_TYPE/, () => addon.connect('localhost', 80, 1 as never)],
      [/ERR_INVALID_ARG_TYPE/, () => (addon.sha256 as () => unknown)()],
      [/ERR_INVALID_ARG_TYPE/, () => addon.sha256(new Uint16Array(1) as never)],
      [/ERR_INVALID_ARG_TYPE/, () => addon.hmacSha256('key', {} as never)],
      [/ERR_INVALID_ARG_TYPE/, () => addon.close('1' as never)],
    ];
    for (const [code, call] of wrong)
      assert.throws(call, (error: NodeJS.ErrnoException) => code.test(error.code ?? ''));
    await using server = await peer(echo);
    const connection = open('127.0.0.1', server.port);
    const { id } = connection;
    assert.throws(() => addon.send(id, Buffer.from('x') as never), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => addon.keepAlive(id, 'x' as never), { code: 'ERR_INVALID_ARG_TYPE' });
    connection.send('x');
    assert.equal(await connection.bytes(1), 'x');
    connection.close();
  },

  async 'knows nothing of numbers that it never gave, and of connections that are closed'({ addon, open }) {
    await using server = await peer();
    const connection = open('127.0.0.1', server.port);
    await connection.until('connect');
    connection.close();
    for (const id of [connection.id, 0, -1, 1e9, Number.NaN, 2 ** 60, Number.POSITIVE_INFINITY]) {
      addon.send(id, 'x');
      addon.close(id);
      addon.ref(id);
      addon.unref(id);
      addon.keepAlive(id, 1000);
      assert.equal(addon.unsent(id), 0);
    }
    await server.alone();
    assert.deepEqual([connection.heard, server.heard], [['connect'], '']);
  },
};

const plain: Record<string, Scenario> = {
  async 'sends what was given before the connection was there'({ addon, open }) {
    await using server = await peer(echo);
    const connection = open('localhost', server.port);
    connection.send('one ');
    connection.send('');
    connection.send('two');
    assert.ok(addon.unsent(connection.id) <= 7);
    assert.equal(await connection.bytes(7), 'one two');
    assert.equal(addon.unsent(connection.id), 0);
    connection.close();
    await server.alone();
    assert.deepEqual(connection.heard, ['connect', 'data']);
  },

  async 'sends and hears what is far more than the system takes at once'({ open }) {
    await using server = await peer(echo);
    const connection = open('127.0.0.1', server.port);
    for (let count = 0; count < 4; count++) connection.send(LONG);
    const size = 4 * Buffer.byteLength(LONG);
    assert.equal(await connection.bytes(size), LONG.repeat(4));
    connection.close();
  },

  async 'says how much is not sent yet, while nobody reads it'({ addon, open }) {
    await using server = await peer((socket) => socket.pause());
    const connection = open('127.0.0.1', server.port);
    const text = 'x'.repeat(32 * MEGABYTE);
    connection.send(text);
    (await server.first()).pause();
    await connection.until('connect');
    const unsent = addon.unsent(connection.id);
    assert.ok(unsent > 0 && unsent <= text.length, `${unsent}`);
    (await server.first()).resume();
    while (addon.unsent(connection.id) > 0) await new Promise(setImmediate);
    connection.close();
  },

  async 'hears the end of a peer, and closes'({ open }) {
    await using server = await peer((socket) => socket.end('last words'));
    const connection = open('127.0.0.1', server.port);
    await connection.until('close');
    await server.alone();
    assert.deepEqual(connection.heard, ['connect', 'data', 'end', 'close']);
    assert.equal(Buffer.concat(connection.data).toString(), 'last words');
  },

  async 'hears all of an answer that was given before the request was read'({ open }) {
    const answer = 'no. '.repeat(50_000);
    await using server = await peer((socket) => socket.pause().end(answer));
    const connection = open('127.0.0.1', server.port);
    connection.send('x'.repeat(8 * MEGABYTE));
    await connection.until('close');
    assert.equal(Buffer.concat(connection.data).toString(), answer);
  },

  async 'hears a peer that breaks the connection'({ open }) {
    await using server = await peer((socket) => socket.on('data', () => socket.resetAndDestroy()));
    const connection = open('127.0.0.1', server.port);
    connection.send('x');
    await connection.until('close');
    assert.deepEqual(connection.heard, ['connect', 'error ECONNRESET', 'close']);
  },

  async 'is refused where nobody listens'({ open }) {
    const server = await peer();
    await server[Symbol.asyncDispose]();
    for (const isTls of [false, true]) {
      const connection = open('127.0.0.1', server.port, isTls);
      connection.send('x');
      await connection.until('close');
      assert.deepEqual(connection.heard, ['error ECONNREFUSED', 'close']);
      assert.match(connection.message, /^connect 127\.0\.0\.1:\d+/);
    }
  },

  async 'hears each byte of a dripping peer'({ open }) {
    await using server = await peer((socket) => {
      const bytes = [...'drip drop'];
      const next = () =>
        bytes.length > 0 ? socket.write(bytes.shift() ?? '', () => setImmediate(next)) : socket.end();
      next();
    });
    const connection = open('127.0.0.1', server.port);
    await connection.until('close');
    assert.equal(Buffer.concat(connection.data).toString(), 'drip drop');
  },

  async 'keeps connections alive that are asked to'({ addon, open }) {
    await using server = await peer(echo);
    const before = open('127.0.0.1', server.port);
    addon.keepAlive(before.id, 1000);
    const after = open('127.0.0.1', server.port);
    await after.until('connect');
    for (const ms of [0, 60_000, 1e12, Number.NaN, -1]) addon.keepAlive(after.id, ms);
    for (const each of [before, after]) {
      each.send('x');
      await each.bytes(1);
      each.close();
    }
  },

  async 'carries a thousand connections at once'({ open }) {
    await using server = await peer(echo);
    const all = Array.from({ length: 1000 }, () => open('127.0.0.1', server.port));
    for (const [index, each] of all.entries()) each.send(`text ${index}.`.padEnd(20));
    const answers = await Promise.all(all.map((each) => each.bytes(20)));
    assert.deepEqual(
      answers,
      all.map((_, index) => `text ${index}.`.padEnd(20)),
    );
    for (const each of all) each.close();
    await server.alone();
    assert.equal(new Set(all.map(({ id }) => id)).size, 1000);
  },

  async 'reads no more than it may while JavaScript hears nothing'({ open }) {
    const written = new Int32Array(new SharedArrayBuffer(8));
    const flood = new Worker(new URL('./flood.ts', import.meta.url), { workerData: { written, megabytes: 64 } });
    const port = await new Promise<number>((resolve) => flood.once('message', resolve));
    const connection = open('127.0.0.1', port);
    await connection.until('data');
    // Nothing is heard while this thread sleeps, until the flood has come to a rest.
    for (let before = -1; before !== Atomics.load(written, 0); Atomics.wait(written, 1, 0, 500)) {
      before = Atomics.load(written, 0);
    }
    assert.ok(Atomics.load(written, 0) < 32, `${Atomics.load(written, 0)} MB are somewhere`);
    await connection.until('close');
    assert.equal(
      connection.data.reduce((sum, each) => sum + each.length, 0),
      64 * MEGABYTE,
    );
    await flood.terminate();
  },
};

const fairness: Record<string, Scenario> = {
  async 'lets Node’s loop go round, however much there is to hear, and however long that takes'({ open, listen }) {
    const written = new Int32Array(new SharedArrayBuffer(8));
    const flood = new Worker(new URL('./flood.ts', import.meta.url), { workerData: { written, megabytes: 24 } });
    const port = await new Promise<number>((resolve) => flood.once('message', resolve));
    let [heard, inARow, most] = [0, 0, 0];
    const turn = setInterval(() => {
      inARow = 0;
    });
    listen((_, kind) => {
      if (kind !== 'data') return;
      heard += 1;
      most = Math.max(most, ++inARow);
      Atomics.wait(written, 1, 0, 5); // meanwhile the thread reads more
    });
    try {
      await open('127.0.0.1', port).until('close');
    } finally {
      listen(undefined);
      clearInterval(turn);
      await flood.terminate();
    }
    assert.ok(most <= heard / 4, `${most} pieces of ${heard} were heard in a row`);
  },
};

const lookups: Record<string, Scenario> = {
  async 'tries each address of a name'({ open }) {
    await using server = await peer(echo);
    const connection = open('several.test', server.port);
    connection.send('hello');
    assert.equal(await connection.bytes(5), 'hello');
    connection.close();
    const none = open('none.test', server.port);
    await none.until('close');
    assert.deepEqual(none.heard, ['error ECONNREFUSED', 'close']);
  },

  async 'looks a name up where the system has no thread for that'({ open }) {
    await using server = await peer(echo);
    const first = open('127.0.0.1', server.port); // the sockets' own thread begins with it
    await first.until('connect');
    first.close();
    process.env['NO_THREADS'] = '1';
    const all = [open('localhost', server.port), open('slow.test', server.port), open('nothing.test', server.port)];
    try {
      for (const each of all.slice(0, 2)) {
        each.send('found');
        assert.equal(await each.bytes(5), 'found');
      }
      await all[2]?.until('close');
      assert.deepEqual(all[2]?.heard, ['error ENOTFOUND', 'close']);
    } finally {
      delete process.env['NO_THREADS'];
    }
    for (const each of all) each.close();
  },

  async 'says why a name has no address, as Node does'({ open }) {
    const codes = {
      'no-such-name.invalid': /ENOTFOUND|EAI_AGAIN/,
      'nothing.test': /ENOTFOUND/,
      'later.test': /EAI_AGAIN/,
      'fails.test': /EAI_FAIL/,
      'files.test': /EMFILE/,
      [`${'long.'.repeat(400)}test`]: /ENOTFOUND|EAI_/,
    };
    for (const [host, code] of Object.entries(codes)) {
      const connection = open(host, 80);
      await connection.until('close');
      assert.match(connection.heard[0] ?? '', code);
      assert.match(connection.message, /getaddrinfo/);
    }
  },

  async 'hears nothing of a lookup that ends after its connection'({ open }) {
    await using server = await peer();
    const closed = open('slow.test', server.port);
    const waited = open('slow.test', server.port);
    closed.close();
    await waited.until('connect');
    waited.close();
    await server.alone();
    assert.deepEqual([closed.heard, server.met], [[], 1]);
  },

  async 'takes IPv6 addresses'({ open }) {
    const server = await peer(echo, '::1').catch(() => undefined);
    if (!server) return; // a machine without
    const connection = open('::1', server.port);
    connection.send('six');
    assert.equal(await connection.bytes(3), 'six');
    connection.close();
    await server[Symbol.asyncDispose]();
  },
};

const order: Record<string, Scenario> = {
  async 'is heard a turn at a time, with promises in between'({ open, listen }) {
    await using server = await peer((socket) => socket.end('all at once'));
    const seen: string[] = [];
    listen((_, kind) => {
      seen.push(kind);
      void Promise.resolve().then(() => seen.push(`after ${kind}`));
    });
    await open('127.0.0.1', server.port).until('close');
    await new Promise(setImmediate);
    listen(undefined);
    assert.deepEqual(seen, [
      'connect',
      'after connect',
      'data',
      'after data',
      'end',
      'after end',
      'close',
      'after close',
    ]);
  },

  async 'is never heard inside of a call'({ addon, open, listen }) {
    await using server = await peer(echo);
    let isCalling = false;
    listen(() => assert.ok(!isCalling));
    for (let count = 0; count < 50; count++) {
      isCalling = true;
      const connection = open(count % 2 === 0 ? '127.0.0.1' : 'later.test', server.port);
      connection.send('x');
      addon.unsent(connection.id);
      if (count % 5 === 0) connection.close();
      isCalling = false;
      await new Promise(setImmediate);
      isCalling = true;
      connection.close();
      isCalling = false;
    }
    await server.alone();
    listen(undefined);
  },

  async 'may be closed, and another one opened, by whoever hears of it'({ addon, open, listen }) {
    await using server = await peer((socket) => socket.end('x'.repeat(MEGABYTE)));
    for (const at of ['connect', 'data', 'end', 'close'] as const) {
      const connection = open('127.0.0.1', server.port);
      const next = new Promise<string>((resolve) => {
        listen((id, kind) => {
          if (kind !== at || id !== connection.id) return;
          addon.close(id);
          addon.close(id);
          const other = open('127.0.0.1', server.port);
          void other.until('close').then(() => resolve(String(Buffer.concat(other.data))));
        });
      });
      assert.equal((await next).length, MEGABYTE);
      listen(undefined);
      assert.equal(connection.heard.at(-1), at);
    }
  },

  async 'throws what its listener throws as an uncaught exception, and goes on'({ open, listen }) {
    await using server = await peer((socket) => socket.end('x'));
    const uncaught: unknown[] = [];
    process.on('uncaughtException', (error) => uncaught.push(error.message));
    listen((_, kind) => {
      throw new Error(kind);
    });
    const connection = open('127.0.0.1', server.port);
    await connection.until('close');
    await new Promise(setImmediate);
    listen(undefined);
    process.removeAllListeners('uncaughtException');
    assert.deepEqual(uncaught, ['connect', 'data', 'end', 'close']);
  },
};

const tls: Record<string, Scenario> = {
  async 'speaks TLS 1.3 and 1.2, with Node’s groups and ciphers, and says that it wants HTTP/1.1'({ open }) {
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      const met: TLSSocket[] = [];
      const options: TlsOptions = { maxVersion, ALPNProtocols: ['http/1.1'] };
      await using server = await tlsPeer((socket) => {
        met.push(socket as TLSSocket);
        echo(socket);
      }, options);
      const connection = open('localhost', server.port, true);
      connection.send('hello');
      assert.equal(await connection.bytes(5), 'hello');
      const [socket] = met;
      assert.deepEqual(
        [socket?.getProtocol(), socket?.alpnProtocol, socket?.servername],
        [maxVersion, 'http/1.1', 'localhost'],
      );
      connection.close();
      await server.alone();
      assert.deepEqual(connection.heard, ['connect', 'data']);
    }
  },

  async 'offers what Node offers'({ open }) {
    const offered = async (dial: (port: number) => () => void) => {
      const server = await peer();
      const end = dial(server.port);
      const socket = await server.first();
      while (server.heard === '') await new Promise(setImmediate);
      end();
      socket.destroy();
      await server[Symbol.asyncDispose]();
      return server.heard.length;
    };
    // By size: a group with a key of 1184 bytes is offered by both or by none.
    const own = await offered((port) => {
      const connection = open('localhost', port, true);
      return () => connection.close();
    });
    const { connect } = await import('node:tls');
    const nodes = await offered((port) => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['http/1.1'] });
      socket.on('error', () => undefined);
      return () => socket.destroy();
    });
    assert.ok(Math.abs(own - nodes) < 64, `${own} and ${nodes} bytes`);
    const source = readFileSync(new URL('../../../ric/native/tls.c', import.meta.url), 'utf8').replace(/"\s*"/g, '');
    assert.ok(source.includes(constants.defaultCoreCipherList.replace(/TLS_\w+:/g, '')));
  },

  async 'sends and hears what is far more than a record'({ open }) {
    await using server = await tlsPeer(echo);
    const connection = open('127.0.0.1', server.port, true);
    for (let count = 0; count < 4; count++) connection.send(LONG);
    assert.equal(await connection.bytes(4 * Buffer.byteLength(LONG)), LONG.repeat(4));
    connection.close();
  },

  async 'hears a goodbye, and a peer that only hangs up'({ open }) {
    await using polite = await tlsPeer((socket) => socket.end('bye'));
    await using rude = await between(polite.port, (bytes, before, client) => {
      client.write(bytes);
      if (before > 0 && polite.met > 0) setTimeout(() => client.end(), 50);
    });
    for (const { port } of [polite, rude]) {
      const connection = open('localhost', port, true);
      await connection.until('close');
      assert.deepEqual([connection.heard.at(-2), connection.heard.at(-1)], ['end', 'close']);
    }
  },

  async 'refuses certificates of every wrong kind, before anything of the request is sent'({ open }) {
    const stranger = certificate({ subject: 'another authority', isAuthority: true, names: null });
    const pretender = certificate({ subject: AUTHORITY.subject, isAuthority: true, names: null });
    const leaf = certificate({ subject: 'no authority' }, AUTHORITY);
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const kinds: Record<string, [RegExp, { readonly cert: string; readonly key: string }]> = {
      'signed by itself': [/DEPTH_ZERO_SELF_SIGNED_CERT/, certificate({})],
      'of another authority': [/UNABLE_TO_GET_ISSUER_CERT_LOCALLY/, certificate({}, stranger)],
      'with another authority': [/SELF_SIGNED_CERT_IN_CHAIN/, chain(certificate({}, stranger), stranger)],
      'of one that only has its name': [/CERT_SIGNATURE_FAILURE|UNABLE_/, certificate({}, pretender)],
      'of one that is no authority': [/INVALID_CA|INVALID_PURPOSE/, chain(certificate({}, leaf), leaf)],
      'without what is between': [
        /UNABLE_TO_GET_ISSUER_CERT_LOCALLY/,
        certificate({}, certificate({ subject: 'between', isAuthority: true }, AUTHORITY)),
      ],
      expired: [/CERT_HAS_EXPIRED/, certificate({ until: later(-60_000) }, AUTHORITY)],
      'not valid yet': [/CERT_NOT_YET_VALID/, certificate({ from: later(60_000) }, AUTHORITY)],
      'for clients': [/INVALID_PURPOSE/, certificate({ uses: [USE.client] }, AUTHORITY)],
      'for another name': [/ERR_TLS_CERT_ALTNAME_INVALID/, certificate({ names: ['elsewhere.example'] }, AUTHORITY)],
      'for another name, ours its common one': [
        /ERR_TLS_CERT_ALTNAME_INVALID/,
        certificate({ subject: 'localhost', names: ['a.example'] }, AUTHORITY),
      ],
      'for a name that only begins like it': [
        /ERR_TLS_CERT_ALTNAME_INVALID/,
        certificate({ names: ['localhost\0.example'] }, AUTHORITY),
      ],
      'for part of it': [/ERR_TLS_CERT_ALTNAME_INVALID/, certificate({ names: ['local*', '*host', '*'] }, AUTHORITY)],
      'for an address': [
        /ERR_TLS_CERT_ALTNAME_INVALID/,
        certificate({ names: [], addresses: [[127, 0, 0, 1]] }, AUTHORITY),
      ],
      'with a key that is too short': [
        /EE_KEY_TOO_SMALL|CERT_UNTRUSTED|ERR_SSL/,
        certificate({ key: weak }, AUTHORITY),
      ],
    };
    for (const [kind, [code, { cert, key }]] of Object.entries(kinds)) {
      for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
        await using server = await tlsPeer(echo, { cert, key, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' });
        const connection = open('localhost', server.port, true);
        connection.send('a secret');
        await connection.until('close');
        assert.match(connection.heard[0] ?? '', code, kind);
        assert.deepEqual([connection.heard.length, server.met, server.heard], [2, 0, ''], kind);
      }
    }
  },

  async 'accepts what is right: a chain, a wildcard, an address, RSA'({ open }) {
    const middle = certificate({ subject: 'between', isAuthority: true, names: null }, AUTHORITY);
    const strong = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const kinds = [
      chain(certificate({}, middle), middle),
      certificate({ subject: 'localhost', names: null }, AUTHORITY),
      certificate({ names: ['a.example', 'LOCALHOST'] }, AUTHORITY),
      certificate({ key: strong }, AUTHORITY),
    ];
    for (const { cert, key } of kinds) {
      await using server = await tlsPeer(echo, { cert, key });
      const connection = open('localhost', server.port, true);
      connection.send('x');
      assert.equal(await connection.bytes(1), 'x');
      connection.close();
    }
  },

  async 'takes an address for no name, and a name for no address'({ open }) {
    const byName = certificate({ names: ['127.0.0.1'] }, AUTHORITY);
    await using server = await tlsPeer(echo, { cert: byName.cert, key: byName.key });
    for (const host of ['127.0.0.1', '127.1', '0x7f000001', '2130706433']) {
      const connection = open(host, server.port, true);
      await connection.until('close');
      assert.deepEqual(connection.heard, ['error ERR_TLS_CERT_ALTNAME_INVALID', 'close']);
    }
  },

  async 'fails where its peer speaks no TLS, garbage, an older one, or nothing'({ open }) {
    const words: [RegExp, (socket: Socket) => void][] = [
      [/^error ERR_SSL_/, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
      [/^error ERR_SSL_/, (socket) => socket.write(Buffer.alloc(100_000, 0x16))],
      [/^error ERR_SSL_/, (socket) => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 40]))],
      [/^error ECONNRESET/, (socket) => socket.end()],
      [/^error ECONNRESET/, (socket) => socket.end(Buffer.from([0x16, 3, 3, 0x40, 0, 2]))],
      [/^error ECONNRESET/, (socket) => socket.resetAndDestroy()],
    ];
    for (const [code, say] of words) {
      await using server = await peer((socket) => socket.once('data', () => say(socket)));
      const connection = open('localhost', server.port, true);
      connection.send('a secret');
      await connection.until('close');
      assert.match(connection.heard[0] ?? '', code);
      assert.ok(!server.heard.includes('a secret'));
    }
    const older: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await using server = await tlsPeer(echo, older);
    const connection = open('localhost', server.port, true);
    await connection.until('close');
    assert.match(connection.heard[0] ?? '', /^error ERR_SSL_/);
  },

  async 'survives a handshake and an answer that are cut, at any byte'({ open }) {
    await using server = await tlsPeer((socket) => socket.end('x'.repeat(3000)));
    for (let at = 0; at < 5000; at += 173) {
      await using cut = await between(server.port, (bytes, before, client) => {
        if (before + bytes.length < at) client.write(bytes);
        else client.end(bytes.subarray(0, Math.max(0, at - before)));
      });
      const connection = open('localhost', cut.port, true);
      connection.send('x');
      await connection.until('close');
      const last = connection.heard.at(-2) ?? '';
      assert.match(last, /^(?:end|error (?:ECONNRESET|EPIPE|ERR_SSL_\w+))$/, `cut at ${at}: ${connection.heard}`);
    }
  },

  async 'notices each byte that is changed'({ open }) {
    await using server = await tlsPeer((socket) => socket.end('x'.repeat(500)));
    for (let at = 0; at < 3000; at += 97) {
      await using bent = await between(server.port, (bytes, before, client) => {
        if (before <= at && at < before + bytes.length) bytes[at - before] = (bytes[at - before] ?? 0) ^ 0x55;
        client.write(bytes);
      });
      const connection = open('localhost', bent.port, true);
      const ended = connection.until('close');
      // A length that is changed has the rest waited for.
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 300))]);
      connection.close();
      const text = Buffer.concat(connection.data).toString();
      assert.match(text, /^x*$/);
      assert.ok(connection.heard[0] !== 'data');
    }
  },

  async 'hears TLS that drips, byte by byte'({ open }) {
    await using server = await tlsPeer((socket) => socket.end('at last'));
    await using dripping = await between(server.port, (bytes, _, client) => {
      for (const byte of bytes) client.write(Buffer.of(byte));
    });
    const connection = open('localhost', dripping.port, true);
    connection.send('x');
    await connection.until('close');
    assert.equal(Buffer.concat(connection.data).toString(), 'at last');
  },

  async 'takes part in a new handshake in the midst of data'({ open }) {
    const options: TlsOptions = { maxVersion: 'TLSv1.2' };
    await using server = await tlsPeer((socket) => {
      echo(socket);
      socket.once('data', () =>
        (socket as TLSSocket).renegotiate({ rejectUnauthorized: false }, () => socket.write('renewed')),
      );
    }, options);
    const connection = open('localhost', server.port, true);
    connection.send('x'.repeat(100_000));
    const text = await connection.bytes(100_007);
    assert.match(text, /renewed/);
    assert.equal(text.replace('renewed', ''), 'x'.repeat(100_000));
    connection.close();
  },

  async 'is heard to be refused by a peer that wants a certificate of us'({ open }) {
    await using server = await tlsPeer(echo, { requestCert: true, rejectUnauthorized: true, ca: AUTHORITY.cert });
    const connection = open('localhost', server.port, true);
    connection.send('x');
    await connection.until('close');
    assert.match(connection.heard.at(-2) ?? '', /^error (?:ERR_SSL_\w+|ECONNRESET)$/);
  },

  async 'says goodbye when it is closed'({ open }) {
    // A record of TLS 1.2 says of what kind it is: the last one is an alert.
    await using server = await tlsPeer(echo, { maxVersion: 'TLSv1.2' });
    await using relay = await between(server.port, (bytes, _, client) => client.write(bytes));
    const connection = open('localhost', relay.port, true);
    connection.send('x');
    await connection.bytes(1);
    connection.close();
    await relay.alone();
    assert.equal(relay.heard.slice(-31, -28), '\x15\x03\x03');
  },

  async 'closes in the midst of a handshake'({ open }) {
    await using silent = await peer();
    const connection = open('localhost', silent.port, true);
    connection.send('a secret');
    await silent.first();
    connection.close();
    await silent.alone();
    assert.deepEqual([connection.heard, silent.heard.includes('a secret')], [[], false]);
  },

  async 'carries two hundred over TLS'({ open }) {
    await using server = await tlsPeer(echo);
    const all = Array.from({ length: 200 }, () => open('localhost', server.port, true));
    for (const [index, each] of all.entries()) each.send(`${index}`.padEnd(10));
    assert.deepEqual(
      await Promise.all(all.map((each) => each.bytes(10))),
      all.map((_, index) => `${index}`.padEnd(10)),
    );
    for (const each of all) each.close();
    await server.alone();
  },
};

const quiet: Record<string, Scenario> = {
  async 'wakes for nothing, whoever is connected'({ open }) {
    await using server = await peer();
    await using gone = await peer((socket) => socket.destroy());
    await using secret = await tlsPeer(echo);
    const idle = [open('127.0.0.1', server.port), open('localhost', secret.port, true)];
    const ended = open('127.0.0.1', gone.port);
    await Promise.all([...idle.map((each) => each.until('connect')), ended.until('close')]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = wakes();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(before > 0);
    assert.equal(wakes(), before);
    for (const each of idle) each.close();
  },

  async 'leaves no descriptor and no thread behind'({ open }) {
    await using server = await peer(echo);
    await using secret = await tlsPeer(echo);
    const round = async () => {
      for (const [host, port, isTls] of [
        ['127.0.0.1', server.port, false],
        ['localhost', secret.port, true],
        ['later.test', 1, false],
        ['127.0.0.1', 1, true],
      ] as const) {
        const connection = open(host, port, isTls);
        connection.send('x');
        await Promise.race([connection.bytes(1), connection.until('close')]);
        connection.close();
      }
      await Promise.all([server.alone(), secret.alone()]);
    };
    await round();
    const before = descriptors();
    for (let count = 0; count < 20; count++) await round();
    assert.ok(descriptors() <= before + 1, `${descriptors()} instead of ${before}`);
    assert.equal(threads().filter((status) => /^Name:\tmw-sockets$/m.test(status)).length, 1);
  },
};

/** The last one: what it begins never ends. */
const endless: Record<string, Scenario> = {
  async 'goes on beside a name service that never answers'({ addon, open }) {
    await using server = await peer(echo);
    const stuck = Array.from({ length: 30 }, () => open('never.test', server.port, true));
    for (const each of stuck) each.send('nothing of this is sent');
    const connection = open('127.0.0.1', server.port);
    connection.send('x');
    assert.equal(await connection.bytes(1), 'x');
    // The thread, and no more lookups than there may be at once.
    const ours = threads().filter((status) => /^Name:\tmw-/m.test(status));
    assert.equal(ours.length, 1 + 16);
    for (const each of [...stuck, connection]) each.close();
    assert.ok(stuck.every(({ heard }) => heard.length === 0));
    assert.equal(addon.unsent(stuck[0]?.id ?? 0), 0);
  },
};

/** By name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...beginning,
  ...values,
  ...plain,
  ...fairness,
  ...lookups,
  ...order,
  ...tls,
  ...quiet,
  ...endless,
};

function chain(leaf: { readonly cert: string; readonly key: string }, above: { readonly cert: string }) {
  return { cert: leaf.cert + above.cert, key: leaf.key };
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What the kernel says of each thread. */
function threads(): readonly string[] {
  return readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/status`, 'utf8'));
}

/** How often the addon's thread has gone to sleep. */
function wakes(): number {
  const status = threads().find((each) => /^Name:\tmw-sockets$/m.test(each)) ?? '';
  return Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1]);
}
