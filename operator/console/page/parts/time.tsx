import { distanceText, instantText } from '../text.ts';
import { now, zone } from './clock.ts';

/** An instant: in the chosen zone, with its distance; UTC on pointing at it. */
export function Time({ at, isBare }: { readonly at: string; readonly isBare?: boolean }) {
  return (
    <time dateTime={at} title={at}>
      {instantText(at, zone.value)}
      {!isBare && <small> ({distanceText(at, now.value)})</small>}
    </time>
  );
}
