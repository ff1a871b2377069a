// Loads until the process is so many milliseconds old, without burning a CPU.
const untilMs = Number(process.env.MAINTENANCE_WINDOW_TEST_LOADED_MS);
const leftMs = Math.max(0, untilMs - process.uptime() * 1_000);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftMs);
console.log(`loaded at ${Date.now()}`);

export const echo = async (event) => event;
