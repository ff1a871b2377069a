import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { HANG_LIMIT_MS } from '../worlds/hang-limit.ts';
import { messagesOf, type WireMessage } from './wire-messages.ts';

/** A request on the wire, and what came back for it. */
export interface Exchange {
  /** Which of the tap's connections, counted from 1 as they were opened. */
  readonly connection: number;
  readonly request: WireMessage;
  /** `100 Continue` and its kind, before the answer. */
  readonly interim: readonly WireMessage[];
  /** Absent for a request that was not answered. */
  readonly answer?: WireMessage;
}

/** A place on the wire between a client and a server of HTTP. */
export interface WireTap extends AsyncDisposable {
  /** `host:port`: what the client is to be told instead of the server. */
  readonly address: string;
  /** What was seen until now, in the order in which the requests began. */
  exchanges(): Exchange[];
  /** Resolves once this text has gone from a client to the server. */
  sent(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface WireTapOptions {
  /** Changes what goes from a client to the server, read by read. Default: nothing is changed. */
  readonly alter?: (bytes: Buffer) => Buffer;
}

/** Bytes that went one way over one connection, and when: `turn` counts over all connections of a tap. */
interface Tape {
  readonly pieces: { readonly bytes: Buffer; readonly turn: number }[];
}

/**
 * Stands between a client and a server, passes every byte on as it comes, and keeps it.
 *
 * It knows nothing of HTTP until {@link WireTap.exchanges} is asked: what a parser would repair or forget is there.
 */
export async function startWireTap(
  target: string,
  { alter = (bytes) => bytes }: WireTapOptions = {},
): Promise<WireTap> {
  const connections: { readonly sent: Tape; readonly received: Tape }[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  let turn = 0;
  const [host = '', port = ''] = target.split(':');

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const options: NetConnectOpts & { allowHalfOpen: boolean } = {
      host,
      port: Number(port),
      allowHalfOpen: true,
      noDelay: true,
    };
    const upstream = connect(options);
    const tapes = { sent: { pieces: [] }, received: { pieces: [] } };
    connections.push(tapes);
    pass(client, upstream, tapes.sent, alter);
    pass(upstream, client, tapes.received, (bytes) => bytes);
  });

  function pass(from: Socket, to: Socket, tape: Tape, change: (bytes: Buffer) => Buffer): void {
    sockets.add(from);
    from
      .on('data', (piece: Buffer) => {
        const bytes = change(piece);
        tape.pieces.push({ bytes, turn: ++turn });
        for (const watch of watchers) watch();
        if (!to.write(bytes)) from.pause();
      })
      .on('end', () => to.end())
      .on('error', () => to.destroy())
      .on('close', () => {
        sockets.delete(from);
        to.destroySoon();
      });
    to.on('drain', () => from.resume());
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const own = server.address();
  return {
    address: `127.0.0.1:${typeof own === 'object' ? own?.port : ''}`,
    exchanges: () =>
      connections
        .flatMap(({ sent, received }, index) => exchangesOf(sent, received, index + 1))
        .toSorted((one, other) => one.turn - other.turn)
        .map(({ turn: _, ...exchange }) => exchange),
    sent: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(watch);
          reject(new Error(`waited ${HANG_LIMIT_MS / 1000} s for ${JSON.stringify(text)}, which was never sent`));
        }, HANG_LIMIT_MS);
        watchers.add(watch);
        watch();
        function watch(): void {
          if (!connections.some(({ sent }) => bytesOf(sent).includes(text))) return;
          clearTimeout(timer);
          watchers.delete(watch);
          resolve();
        }
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function exchangesOf(sent: Tape, received: Tape, connection: number): (Exchange & { readonly turn: number })[] {
  const answers = messagesOf(bytesOf(received));
  return messagesOf(bytesOf(sent)).map((request) => {
    const interim: WireMessage[] = [];
    while (answers[0]?.head[0]?.startsWith('HTTP/1.1 1')) interim.push(...answers.splice(0, 1));
    const answer = answers.shift();
    return { connection, request, interim, ...(answer && { answer }), turn: turnOf(sent, request.start) };
  });
}

/** When the byte at this place went by. */
function turnOf({ pieces }: Tape, place: number): number {
  let end = 0;
  for (const { bytes, turn } of pieces) {
    end += bytes.length;
    if (end > place) return turn;
  }
  return 0;
}

function bytesOf({ pieces }: Tape): Buffer {
  return Buffer.concat(pieces.map(({ bytes }) => bytes));
}
