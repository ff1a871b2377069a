import { Worker } from 'node:worker_threads';

// Handlers that outlive, end or wound the process, and those that keep something between invocations.

let invocations = 0;
let ticks = 0;

export const count = async (event) => {
  invocations++;
  if (event.fail) throw new Error(`failure ${invocations}`);
  return { invocations };
};
export const exits = async (event) => process.exit(event.code);
export const exitsLater = async () => {
  setTimeout(() => process.exit(3), 5);
  await new Promise(() => setInterval(() => {}, 1000));
};
export const setsExitCode = async () => {
  process.exitCode = 9;
  return 'the exit code is set';
};
export const killsItself = async () => {
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => setInterval(() => {}, 1000));
};
export const unhandledRejection = async () => {
  void Promise.reject(new Error('nobody handles this'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'too late';
};
export const unhandledString = async () => {
  void Promise.reject('a string that nobody handles');
  await new Promise((resolve) => setTimeout(resolve, 50));
};
export const uncaughtInTimer = async () => {
  setTimeout(() => {
    throw Object.assign(new Error('thrown in a timer'), { code: 'E_TIMER' });
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, 1000));
};
export const catchesUncaught = async () => {
  if (process.listenerCount('uncaughtException') === 0) {
    process.on('uncaughtException', (error) => console.log(`caught: ${error.message}`));
  }
  setTimeout(() => {
    throw new Error('thrown in a timer');
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return 'survived';
};
export const keepsTimer = async () => {
  const first = ticks === 0;
  if (first) setInterval(() => ticks++, 2);
  while (ticks < (first ? 1 : 3)) await new Promise((resolve) => setTimeout(resolve, 2));
  return first ? 'started' : 'still ticking';
};
export const waitsForNothing = async () => {
  await new Promise(() => {}); // no handle is left: node ends
};
export const neverReplies = async () => {
  await new Promise(() => setInterval(() => {}, 1000));
};
export const listensForTheEnd = async () => {
  if (process.listenerCount('SIGTERM') > 0) return 'listening already';
  process.on('exit', (code) => process.stdout.write(`exit ${code}\n`));
  process.on('beforeExit', () => process.stdout.write('beforeExit\n'));
  process.on('SIGTERM', () => {
    console.log('SIGTERM received');
    process.exit(0);
  });
  return 'listening';
};
export const ownWorker = async () => {
  const worker = new Worker(
    'const { parentPort } = require("node:worker_threads"); parentPort.postMessage(Object.getOwnPropertyNames(globalThis).length > 0)',
    { eval: true },
  );
  const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return { message, code: await new Promise((resolve) => worker.once('exit', resolve)) };
};
export const warning = async () => {
  process.emitWarning('a warning of the handler', { code: 'HANDLER' });
  await new Promise((resolve) => setImmediate(resolve));
};
export const slowThenFast = async (event) => {
  await new Promise((resolve) => setTimeout(resolve, event.delayMs));
  return event;
};
