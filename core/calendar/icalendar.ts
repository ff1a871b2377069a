/** An event of a calendar. Texts may have several lines; instants are epoch milliseconds. */
export interface CalendarEvent {
  /** The same for the same event in each export, and no other one's. */
  readonly uid: string;
  /** Number of the version that it stands in, and when that was written: the later one wins. */
  readonly sequence: number;
  readonly stampAt: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly summary: string;
  readonly description: string;
}

/** A content line is no longer, without its end; RFC 5545, 3.1. */
const LINE_OCTETS = 75;

/**
 * Prints a calendar as RFC 5545 has it (`text/calendar`). All times are UTC, so that it needs no definitions of time zones. The
 * events take nobody's time: they are `TRANSPARENT`.
 *
 * @param product who made it, and which version
 */
export function calendarToText(events: readonly CalendarEvent[], product: string): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//${escaped(product)}//EN`,
    'CALSCALE:GREGORIAN',
    ...events.flatMap(eventLines),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function eventLines(event: CalendarEvent): readonly string[] {
  const { uid, sequence, stampAt, startAt, endAt, summary, description } = event;
  return [
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}`,
    `SEQUENCE:${sequence}`,
    `DTSTAMP:${compactInstant(stampAt)}`,
    `DTSTART:${compactInstant(startAt)}`,
    `DTEND:${compactInstant(endAt)}`,
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** `20400114T220000Z` */
export function compactInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** A text as a value: RFC 5545, 3.3.11. */
function escaped(text: string): string {
  return text.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\r\n|\r|\n/g, '\\n');
}

/** A content line in pieces: no character is cut, and each piece behind the first begins with a blank, which counts. */
function folded(line: string): string {
  let pieces = '';
  let octets = 0;
  for (const character of line) {
    const more = Buffer.byteLength(character);
    if (octets + more > LINE_OCTETS) {
      pieces += '\r\n ';
      octets = 1;
    }
    pieces += character;
    octets += more;
  }
  return pieces;
}
