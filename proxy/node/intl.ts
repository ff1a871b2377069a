import './native.ts';

/** Names of zones as Node lists them, with blanks between: `build/proxy/bundle.ts` puts them in. */
declare const ZONES: string;

/** Names of tzdb's for a clock that nobody has set. Node knows none of them. */
const OF_NO_PLACE = /^(?:factory|etc\/unknown)$/i;

/** `Intl`, as much of it as zones take: the offset of an instant, in ECMA-402's long form. */
export const OwnIntl = {
  DateTimeFormat: class {
    readonly #zone: string;

    constructor(_locale: string, { timeZone }: { readonly timeZone: string }) {
      if (OF_NO_PLACE.test(timeZone) || !native.hasZone(timeZone))
        throw new RangeError(`Invalid time zone specified: ${timeZone}`);
      this.#zone = timeZone;
    }

    /** `GMT`, `GMT+02:00`, `GMT-00:44:30`. */
    format(at: number): string {
      const offset = native.zoneOffset(this.#zone, at);
      if (offset === 0) return 'GMT';
      const seconds = Math.abs(offset);
      const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(
        (number) => String(number).padStart(2, '0'),
      );
      return `GMT${offset < 0 ? '-' : '+'}${hours}:${minutes}${rest === '00' ? '' : `:${rest}`}`;
    }
  },
  supportedValuesOf: () => ZONES.split(' '),
};
