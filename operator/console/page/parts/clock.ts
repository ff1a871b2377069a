import { signal } from '@preact/signals';

/** Epoch milliseconds by this machine's clock, each second. */
export const now = signal(Date.now());
/** Zone in which times are shown. */
export const zone = signal(Intl.DateTimeFormat().resolvedOptions().timeZone);

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
}
