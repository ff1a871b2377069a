/** A thread that floods whoever connects, and says how many megabytes the system has taken. */
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { written, megabytes } = workerData as { readonly written: Int32Array; readonly megabytes: number };
const piece = Buffer.alloc(1 << 20);

const server = createServer(async (socket) => {
  socket.on('error', () => undefined);
  for (let count = 0; count < megabytes; count++) {
    await new Promise((taken) => socket.write(piece, taken));
    Atomics.add(written, 0, 1);
  }
  socket.end();
}).listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' ? address?.port : 0);
});
