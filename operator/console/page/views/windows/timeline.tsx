import { SECOND_MS } from '../../../../../core/units.ts';
import { askedZone, now, ownZone, zone } from '../../parts/clock.ts';
import { resultOf, useFollowed } from '../../parts/followed.ts';
import { CommandLine, Remarks } from '../../parts/remarks.tsx';
import { go, hrefOf, place } from '../../place.ts';
import type { TimeJson, TimesJson, UnitedJson } from '../../shapes.ts';
import { functionsText } from '../../text.ts';
import { type Day, dateAfter, dateOf, daysBetween, daysOf, firstOfMonth, isDate, mondayOf } from './days.ts';
import { clockText, dayText, spanText } from './words.ts';

/** Beyond that a page is no timeline; the tool goes further. */
const MOST_DAYS = 62;
const WEEK_DAYS = 7;

/** What stands in the address: dates, from one to before another. */
interface Span {
  readonly from: string;
  readonly until: string;
}

/** When windows were active, are, and will be: a row for each day. */
export function Timeline() {
  const span = spanInAddress();
  const { query } = place.value;
  const functionName = query.get('function') ?? '';
  const answer = useFollowed('schedule times', {
    options: {
      from: [span.from],
      until: [span.until],
      timezone: [zone.value],
      ...(functionName !== '' && { function: [functionName] }),
    },
  });
  const found = resultOf<TimesJson>(answer);
  const days = daysOf(span.from, span.until, zone.value);
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">{spanText(span.from, dateAfter(span.until, -1))}</h3>
      <Controls span={span} functionName={functionName} />
      {!answer && <p aria-busy="true">Looking…</p>}
      <Remarks answer={answer} />
      {found && (
        <>
          <Key />
          <p class="hours" aria-hidden="true">
            {['00', '06', '12', '18', '24'].map((hour) => (
              <span key={hour}>{hour}</span>
            ))}
          </p>
          <ol class={days.length > WEEK_DAYS ? 'timeline month' : 'timeline'}>
            {days.map((day) => (
              <DayRow key={day.date} day={day} found={found} />
            ))}
          </ol>
        </>
      )}
      <CommandLine text={answer?.command} />
    </section>
  );
}

/** This week, unless the address says another span. */
function spanInAddress(): Span {
  const { query } = place.value;
  const [asked, until] = [query.get('from'), query.get('until')];
  const from = isDate(asked) ? asked : mondayOf(dateOf(now.value, zone.value));
  const length = isDate(until) ? daysBetween(from, until) : 0;
  return { from, until: length > 0 && length <= MOST_DAYS && isDate(until) ? until : dateAfter(from, WEEK_DAYS) };
}

function isMonth({ from, until }: Span): boolean {
  return from.endsWith('-01') && until === firstOfMonth(from, 1);
}

function Controls({ span, functionName }: { readonly span: Span; readonly functionName: string }) {
  const { from, until } = span;
  const days = daysBetween(from, until);
  const today = dateOf(now.value, zone.value);
  const month = isMonth(span);
  const shown = today >= from && today < until ? today : from;
  const moved = (by: 1 | -1): Span =>
    month
      ? { from: firstOfMonth(from, by), until: firstOfMonth(from, by + 1) }
      : { from: dateAfter(from, by * days), until: dateAfter(until, by * days) };
  const hrefTo = ({ from: start, until: end }: Span) =>
    hrefOf('windows', { from: start, until: end, function: functionName });
  const weekOf = (date: string): Span => ({ from: mondayOf(date), until: dateAfter(mondayOf(date), WEEK_DAYS) });
  const monthOf = (date: string): Span => ({ from: firstOfMonth(date), until: firstOfMonth(date, 1) });
  return (
    <>
      <nav class="spans" aria-label="Days">
        <a href={hrefTo(moved(-1))}>Earlier</a>
        <a href={hrefTo(month ? monthOf(today) : weekOf(today))}>Today</a>
        <a href={hrefTo(moved(1))}>Later</a>
        <a href={hrefTo(weekOf(shown))} aria-current={!month && days === WEEK_DAYS ? 'true' : undefined}>
          Week
        </a>
        <a href={hrefTo(monthOf(shown))} aria-current={month ? 'true' : undefined}>
          Month
        </a>
      </nav>
      <ZoneAndFunction span={span} functionName={functionName} />
    </>
  );
}

function ZoneAndFunction({ span, functionName }: { readonly span: Span; readonly functionName: string }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const typed = (name: string) => String(form.get(name) ?? '').trim();
    go(hrefOf('windows', { ...span, timezone: typed('timezone'), function: typed('function') }));
  };
  const asked = askedZone.value;
  return (
    <form class="filters" onSubmit={submit} key={`${zone.value} ${functionName}`}>
      <label>
        Time zone
        <input name="timezone" defaultValue={zone.value} list="zones" autocomplete="off" />
      </label>
      <datalist id="zones">
        {['UTC', ...Intl.supportedValuesOf('timeZone')].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <label>
        Function
        <input name="function" defaultValue={functionName} placeholder="orders-api" autocomplete="off" />
      </label>
      <button type="submit" class="small">
        Show
      </button>
      {asked !== undefined && asked !== zone.value && (
        <p role="alert" class="fault">
          {asked} is no time zone: times are shown in {ownZone}.
        </p>
      )}
    </form>
  );
}

const STATES = { past: 'over', active: 'active', coming: 'to come' } as const;

function Key() {
  return (
    <p class="key" aria-hidden="true">
      {Object.entries(STATES).map(([state, text]) => (
        <span key={state} class={state}>
          {text}
        </span>
      ))}
    </p>
  );
}

function DayRow({ day, found }: { readonly day: Day; readonly found: TimesJson }) {
  const times = found.times.filter((time) => isWithin(time, day));
  const unions = found.maintenance.filter((union) => isWithin(union, day));
  const isToday = day.startAt <= now.value && now.value < day.endAt;
  const isUnknown = found.knownFrom !== undefined && Date.parse(found.knownFrom) >= day.endAt;
  return (
    <li class={isToday ? 'day today' : 'day'} aria-current={isToday ? 'date' : undefined}>
      <h4>
        <time dateTime={day.date}>{dayText(day.date)}</time>
        {isToday && ' (today)'}
      </h4>
      <div>
        <Bars day={day} unions={unions} />
        {day.note !== undefined && <p class="note">{day.note}</p>}
        {isUnknown && <p class="note">not known: SSM has no version of the parameter that is so old</p>}
        {times.length > 0 && (
          <ul>
            {times.map((time) => (
              <TimeLine key={`${time.parameter} ${time.id} ${time.start}`} time={time} day={day} />
            ))}
            {unions
              .filter(({ ids }) => ids.length > 1)
              .map((union) => (
                <li key={`${functionsText(union.functions)} ${union.start}`}>
                  together {whenText(union, day)}: {functionsText(union.functions)}
                </li>
              ))}
          </ul>
        )}
      </div>
    </li>
  );
}

function TimeLine({ time, day }: { readonly time: TimeJson; readonly day: Day }) {
  const { id, functions, reason, note, state, recurs } = time;
  const here = Object.fromEntries([...place.value.query].filter(([name]) => name !== 'window'));
  return (
    <li class={state}>
      <a href={hrefOf('windows', { ...here, window: id })}>{whenText(time, day)}</a> {functionsText(functions)}
      {reason !== undefined && <span class="as-is">: {reason}</span>}{' '}
      <small>({[STATES[state], recurs ? 'comes again' : 'once'].join(', ')})</small>
      {note !== undefined && <strong class="note"> {note}</strong>}
    </li>
  );
}

/** When, by the clock of that day; with the day where it is another one. */
function whenText({ start, end }: Pick<UnitedJson, 'start' | 'end'>, day: Day): string {
  const text = (instant: string) => {
    const at = Date.parse(instant);
    if (at === day.endAt) return '24:00';
    const clock = clockText(at, zone.value);
    return at >= day.startAt && at < day.endAt ? clock : `${dayText(dateOf(at, zone.value))} ${clock}`;
  };
  return `${text(start)} to ${end === undefined ? 'no end in sight' : text(end)}`;
}

const ROW_HEIGHT = 10;
/** Of the picture's units: a browser draws nothing beyond some 33 million. */
const UNIT_MS = SECOND_MS;

/** The same as a picture: a bar for each union of times, by the functions that it is for. What it says stands below. */
function Bars({ day, unions }: { readonly day: Day; readonly unions: readonly UnitedJson[] }) {
  const { startAt, endAt, hours } = day;
  const lanes = [...new Set(unions.map(({ functions }) => functionsText(functions)))];
  const height = Math.max(1, lanes.length) * ROW_HEIGHT;
  const width = (endAt - startAt) / UNIT_MS;
  const nowX = (now.value - startAt) / UNIT_MS;
  return (
    <svg class="bars" viewBox={`0 0 ${width} ${height}`} height={height} preserveAspectRatio="none" aria-hidden="true">
      {hours.slice(1, -1).map(({ text, afterMs }) => (
        <line
          key={text}
          x1={afterMs / UNIT_MS}
          x2={afterMs / UNIT_MS}
          y1={0}
          y2={height}
          vector-effect="non-scaling-stroke"
        />
      ))}
      {unions.map(({ functions, start, end }) => {
        const [from, to] = [
          Math.max(Date.parse(start), startAt),
          Math.min(end === undefined ? endAt : Date.parse(end), endAt),
        ];
        const y = lanes.indexOf(functionsText(functions)) * ROW_HEIGHT + 1;
        return parted(from, to).map(([state, a, b]) => (
          <rect
            key={`${functionsText(functions)} ${start} ${state}`}
            class={state}
            x={(a - startAt) / UNIT_MS}
            y={y}
            width={(b - a) / UNIT_MS}
            height={ROW_HEIGHT - 2}
          />
        ));
      })}
      {nowX >= 0 && nowX < width && (
        <line class="now" x1={nowX} x2={nowX} y1={0} y2={height} vector-effect="non-scaling-stroke" />
      )}
    </svg>
  );
}

/** What of a bar is over, and what is not: one that holds now is active from its start on. */
function parted(from: number, to: number): readonly (readonly [state: TimeJson['state'], from: number, to: number])[] {
  if (to <= now.value) return [['past', from, to]];
  return [[from <= now.value ? 'active' : 'coming', from, to]];
}

function isWithin({ start, end }: Pick<UnitedJson, 'start' | 'end'>, { startAt, endAt }: Day): boolean {
  return Date.parse(start) < endAt && (end === undefined || Date.parse(end) > startAt);
}
