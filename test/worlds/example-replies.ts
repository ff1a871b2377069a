import { EXAMPLE_END, EXAMPLE_ID } from '../data/events.ts';

/** An answer to an example event, and what it answers. */
export interface ExampleAnswer {
  readonly payload: Buffer;
  readonly failed: boolean;
  /** Its request id. */
  readonly id: string;
  readonly sent: string;
  /** End of the window, as `Date` writes it. */
  readonly end: string;
}

/** A reply as the examples word it: with their id and their end instead of the real ones. */
export function replyWords({ payload, failed, id, sent, end }: ExampleAnswer): string {
  const value = JSON.parse(payload.toString());
  if (failed)
    return `${value.errorType}: ${value.errorMessage}`
      .replace(id, EXAMPLE_ID)
      .replace(end.replace('.000', ''), EXAMPLE_END)
      .replace(end, EXAMPLE_END);
  if (JSON.stringify(value) === JSON.stringify(JSON.parse(sent))) return 'the event’s own text';
  if (typeof value?.body === 'string') return `${value.statusCode} ${value.body}`;
  return JSON.stringify(value);
}
