/** A day of the wall clock, counted from 1970-01-01. */
export type LocalDate = number;

/** The dates of a schedule, in order. */
export interface DateSearch {
  atOrBefore(date: LocalDate): LocalDate | undefined;
  atOrAfter(date: LocalDate): LocalDate | undefined;
}
