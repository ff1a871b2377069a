import { computed, signal } from '@preact/signals';
import { parseTimezone } from '../../../../core/time/timezone.ts';
import { place } from '../place.ts';

/** Epoch milliseconds by this machine's clock, each second. */
export const now = signal(Date.now());
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
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
}
