import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** One end of a connection, byte by byte. */
export interface RawConnection extends AsyncDisposable {
  /** All that came until now. */
  readonly received: Buffer;
  /** Resolves when what came is as wanted; rejects when the other side ends before that. */
  until(isEnough: (received: Buffer) => boolean): Promise<Buffer>;
  /** Resolves when the other side has ended, with all that came. */
  readonly ended: Promise<Buffer>;
  /** Resolves when the bytes have left. In pieces: each gets a turn of its own, so that few are joined on their way. */
  write(...pieces: readonly (string | Buffer)[]): Promise<void>;
  /** Reads nothing until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Sends nothing more. */
  end(): void;
  /** Ends both ways at once, what is under way included. */
  reset(): void;
}

export interface RawServer extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** A server that does with each connection what a test says, whatever HTTP would have. */
export async function startRawServer(serve: (connection: RawConnection) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    serve(over(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Connects to `host:port`. */
export function connectRaw(address: string): RawConnection {
  const [host = '', port = ''] = address.split(':');
  return over(connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true }));
}

function over(socket: Socket): RawConnection {
  const pieces: Buffer[] = [];
  const watchers = new Set<() => void>();
  let hasEnded = false;
  const tell = () => {
    for (const watch of watchers) watch();
  };
  const received = () => {
    const all = Buffer.concat(pieces);
    pieces.splice(0, pieces.length, all);
    return all;
  };
  const finish = () => {
    hasEnded = true;
    tell();
  };
  socket
    .on('data', (piece: Buffer) => {
      pieces.push(piece);
      tell();
    })
    .on('end', finish)
    .on('close', finish)
    .on('error', () => undefined);

  return {
    get received() {
      return received();
    },
    until: (isEnough) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const all = received();
          if (isEnough(all)) resolve(all);
          else if (hasEnded)
            reject(new Error(`the other side ended after ${JSON.stringify(all.toString('latin1', 0, 500))}`));
          else return;
          watchers.delete(watch);
        };
        watchers.add(watch);
        watch();
      }),
    ended: new Promise((resolve) => {
      const watch = () => hasEnded && resolve(received());
      watchers.add(watch);
    }),
    async write(...all) {
      for (const [index, piece] of all.entries()) {
        if (index > 0) await new Promise((resolve) => setTimeout(resolve, 1));
        const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
        await new Promise((resolve) => socket.write(bytes, resolve));
      }
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
