import fc from 'fast-check';
import ICAL from 'ical.js';
import { expect, it } from 'vitest';
import { type CalendarEvent, calendarToText } from '../../core/calendar/icalendar.ts';

// Somebody else's reader, Mozilla's, is the judge of what is written: RFC 5545.

const SECONDS = { min: 0, max: Date.UTC(9999, 11, 31) / 1_000 };
const instants = fc.integer(SECONDS).map((seconds) => seconds * 1_000);
/** No line end but a newline; letters of one to four octets, and what has a meaning of its own. */
const texts = fc
  .array(fc.constantFrom(...'\\;,:"\n \ta=éあ🛠', 'END:VEVENT', '\\n', 'long '.repeat(20)))
  .map((pieces) => pieces.join(''));

const events: fc.Arbitrary<CalendarEvent> = fc.record({
  uid: fc.stringMatching(/^[0-9a-f]{6}-[0-9TZ]{0,16}@maintenance-window$/),
  sequence: fc.nat(),
  stampAt: instants,
  startAt: instants,
  endAt: instants,
  summary: texts,
  description: texts,
});

it('is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 4 }), texts, (all, product) => {
      const calendar = new ICAL.Component(ICAL.parse(calendarToText(all, product.replaceAll('\n', ' '))));
      expect(calendar.getFirstPropertyValue('version')).toBe('2.0');
      const read = calendar.getAllSubcomponents('vevent').map((event) => {
        const at = (name: string) => new Date(String(event.getFirstPropertyValue(name))).getTime();
        return {
          uid: event.getFirstPropertyValue('uid'),
          sequence: event.getFirstPropertyValue('sequence'),
          stampAt: at('dtstamp'),
          startAt: at('dtstart'),
          endAt: at('dtend'),
          summary: event.getFirstPropertyValue('summary'),
          description: event.getFirstPropertyValue('description'),
        };
      });
      expect(read).toEqual(all);
    }),
  );
});

it('has lines of 75 octets at most, each with both characters of an end, and no character in two', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 4 }), (all) => {
      const lines = calendarToText(all, 'test').split('\r\n');
      expect(lines.pop()).toBe('');
      for (const line of lines) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        expect(line).not.toMatch(/[\r\n]|\p{Cs}/u);
      }
    }),
  );
});
