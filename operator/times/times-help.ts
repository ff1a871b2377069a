/** What may be typed where a time or a duration is taken, and what it means. Rows of `help times` and of docs/cli.md. */
export const TYPED_TIMES: readonly (readonly [typed: readonly string[], meaning: string])[] = [
  [['23:00', '23:00:30'], 'the next time that it is 23:00; of stored events the last time'],
  [['tomorrow 02:00', 'yesterday 02:00', 'today 14:00'], 'that day of your calendar'],
  [['sunday 02:00', 'sun 02:00'], 'the next Sunday, or of stored events the last one'],
  [['2040-01-14 22:00', '2040-01-14', 'tomorrow', 'sunday'], 'a date; a day without a time is its first instant'],
  [['+2h', 'in 2h', '-2h', '2h ago', 'now'], 'from now, by AWS’s clock'],
  [['2h'], 'two hours ahead; of stored events two hours ago'],
  [['2040-01-14T22:00:00Z', '2040-01-14T22:00+02:00'], 'ISO 8601, wherever you are'],
  [['23:00 UTC', '2040-01-14 22:00 Europe/Rome'], 'in that zone'],
];

/** What may be typed where a duration is taken. */
export const TYPED_DURATIONS: readonly (readonly [typed: readonly string[], meaning: string])[] = [
  [['90m', '1h30', '1.5h', '2 hours', '1d', 'PT2H'], 'a duration; a day is 24 hours'],
];

/** What is refused, as it reads in two ways. */
export const REFUSED_TIMES: readonly string[] = ['7pm', 'noon', '02/03/2026', 'next sunday', '23h30'];

/** The help topic `times`, for a terminal of 80 columns. */
export const TIMES_HELP = `Times are typed as people write them:

${[...TYPED_TIMES, ...TYPED_DURATIONS].map(([typed, meaning]) => `  ${typed.join(', ')}\n      ${meaning}`).join('\n')}

Refused, as they read in two ways: ${REFUSED_TIMES.join(', ')}.

The zone is that of TZ, or else of this machine; --timezone names another one.
Where daylight saving skips a time, the end of the gap is taken, and of a time
that comes twice the first, with a warning, as schedules do.

On a terminal, local time stands beside UTC: 2026-11-29T02:00:00Z (03:00
Europe/Rome, in 2 h). In a pipe and with -o json all times are UTC alone.`;
