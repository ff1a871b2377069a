import { counted, shown } from '../../../core/text/shown.ts';
import { functionsText } from '../../../core/windows/window-text.ts';
import type { Covers, Meeting, Outlook } from '../../edits/outlook.ts';
import type { Output } from '../terminal/output.ts';
import { upcomingJson } from '../windows/upcoming-text.ts';

/** As many names as a line has room for. */
const SHOWN_NAMES = 10;

/** What an edit comes to besides its difference, for people: lines. */
export function outlookText({ covers, meets }: Outlook, { paint, times }: Pick<Output, 'paint' | 'times'>): string {
  return [
    covers.kind === 'known' && covers.names.length === 0 ? paint.red(coversText(covers)) : coversText(covers),
    ...meets.map((meeting) => `meets   ${meetingText(meeting, times)}`),
  ].join('\n');
}

/** The same for programs. */
export function outlookJson({ covers, meets }: Outlook): object {
  return {
    ...(covers.kind === 'known' ? { covers: covers.names } : { coversUnknown: covers.why }),
    meets: meets.map(upcomingJson),
  };
}

function coversText(covers: Covers): string {
  if (covers.kind === 'unknown') return `covers  functions that are not known: ${shown(covers.why)}`;
  const { names } = covers;
  if (names.length === 0) return 'covers  no function now';
  const some = names.slice(0, SHOWN_NAMES).map(shown).join(', ');
  return `covers  ${counted(names.length, 'function')} now: ${some}${names.length > SHOWN_NAMES ? ', …' : ''}`;
}

function meetingText({ id, window, parameter, occurrence }: Meeting, times: Output['times']): string {
  const { startAt, endAt } = occurrence;
  const why = window.reason === undefined ? '' : `, ${shown(window.reason)}`;
  const until = endAt === undefined ? 'without an end in sight' : `to ${times.text(endAt)}`;
  return `${id} in ${parameter.name} (${functionsText(window)}${why}): ${times.text(startAt)} ${until}`;
}
