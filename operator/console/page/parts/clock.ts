import { computed, signal } from '@preact/signals';
import { parseTimezone } from '../../../../core/time/timezone.ts';
import { place } from '../place.ts';

/**
 * Epoch milliseconds by AWS's clock, as the last answer told it, each second. The clock of this machine is never asked: a page that
 * goes by one that is ahead says that no handler runs while some do.
 */
export const now = signal(0);
const TICK_MS = 1_000;
let aheadMs = 0;

/** What time it is by AWS's clock. The page's own steady one goes on from there. */
export function tellTime(at: number): void {
  if (!(at > 0)) return;
  aheadMs = at - performance.now();
  if (Math.abs(at - now.value) > TICK_MS) now.value = at;
}

/** That of this machine. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** As the address names one. */
export const askedZone = computed(() => place.value.query.get('timezone') ?? undefined);
/** Zone in which times are shown: that of the address, where it is one. */
export const zone = computed(() => {
  const asked = askedZone.value;
  return asked !== undefined && parseTimezone(asked).kind === 'value' ? asked : ownZone;
});

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = performance.now() + aheadMs;
  }, TICK_MS);
}
