import './native.ts';

const waiting = new Map<number, () => void>();
let latest = 0;

export function setTimeout(call: () => void, ms = 0): number {
  latest += 1;
  waiting.set(latest, call);
  native.setTimer(latest, ms);
  return latest;
}

export function clearTimeout(timer: number | undefined): void {
  if (timer === undefined || !waiting.delete(timer)) return;
  native.clearTimer(timer);
}

/** After what the sockets have to say. */
export function setImmediate(call: () => void): number {
  return setTimeout(call);
}

/** A timer's time has come. */
export function due(timer: number): void {
  const call = waiting.get(timer);
  waiting.delete(timer);
  call?.();
}
