import fc from 'fast-check';

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/**
 * Cron expressions that AWS takes, with every form of every field. They lean to the small hours, where clocks change, and
 * most start a few times a day at most, so that two years of them are soon looked through.
 *
 * @param years the first and the last year that an expression may name
 */
export function cronExpressions(years: readonly [first: number, last: number]): fc.Arbitrary<string> {
  return fc
    .tuple(times(), fc.boolean(), mostly('*', field(1, 12, MONTHS)), mostly('*', field(years[0], years[1], [])))
    .chain(([time, byWeekday, month, year]) =>
      (byWeekday ? dayOfWeek() : dayOfMonth(month === '*' ? 31 : 28)).map((day) =>
        byWeekday ? `cron(${time} ? ${month} ${day} ${year})` : `cron(${time} ${day} ${month} ? ${year})`,
      ),
    );
}

/** Minute and hour. */
function times(): fc.Arbitrary<string> {
  const minute = fc.oneof(fc.constantFrom('0', '30', '59', '05'), fc.nat(59).map(String));
  const hour = fc.oneof({ arbitrary: fc.nat(4), weight: 3 }, { arbitrary: fc.nat(23), weight: 1 }).map(String);
  const time = (minutes: fc.Arbitrary<string>, hours: fc.Arbitrary<string>) =>
    fc.tuple(minutes, hours).map(([first, second]) => `${first} ${second}`);
  return fc.oneof(
    { weight: 5, arbitrary: time(minute, hour) },
    { weight: 2, arbitrary: time(listOf(minute), listOf(hour)) },
    { weight: 2, arbitrary: time(minute, field(0, 23, [])) },
    { weight: 2, arbitrary: time(field(0, 59, []), hour) },
    { weight: 1, arbitrary: time(fc.constantFrom('*', '0-29', '20/40', '*/30'), fc.constantFrom('*', '0-4', '1/2')) },
  );
}

function dayOfMonth(longest: number): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: field(1, longest, []) },
    { weight: 1, arbitrary: fc.constantFrom('L', 'LW') },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: longest }).map((day) => `${day}W`) },
  );
}

function dayOfWeek(): fc.Arbitrary<string> {
  const day = fc.nat(6).chain((index) => fc.constantFrom(String(index + 1), WEEKDAYS[index] ?? ''));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('*', 'L', 'MON-FRI') },
    { weight: 3, arbitrary: field(1, 7, WEEKDAYS) },
    { weight: 2, arbitrary: fc.tuple(day, fc.integer({ min: 1, max: 5 })).map(([name, nth]) => `${name}#${nth}`) },
    { weight: 1, arbitrary: day.map((name) => `${name}L`) },
  );
}

/** `*`, numbers or names, ranges and steps, one or several of them. */
function field(min: number, max: number, names: readonly string[]): fc.Arbitrary<string> {
  const spelled = (value: number) => fc.constantFrom(String(value), names[value - min] ?? String(value));
  const value = fc.integer({ min, max });
  const range = fc
    .tuple(value, value)
    .chain(([a, b]) => fc.tuple(spelled(Math.min(a, b)), spelled(Math.max(a, b))))
    .map(([from, to]) => `${from}-${to}`);
  const step = fc.integer({ min: Math.ceil((max - min) / 8), max: max - min + 1 }).map((number) => Math.max(1, number));
  const entry = fc.oneof(
    { weight: 3, arbitrary: value.chain(spelled) },
    { weight: 2, arbitrary: range },
    { weight: 1, arbitrary: fc.tuple(value.chain(spelled), step).map(([from, steps]) => `${from}/${steps}`) },
    { weight: 1, arbitrary: fc.tuple(range, step).map(([from, steps]) => `${from}/${steps}`) },
    { weight: 1, arbitrary: step.map((steps) => `*/${steps}`) },
  );
  return fc.oneof({ weight: 4, arbitrary: entry }, { weight: 1, arbitrary: listOf(entry) });
}

function listOf(entry: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(entry, { minLength: 1, maxLength: 3 }).map((entries) => entries.join());
}

function mostly(usual: string, other: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
}
