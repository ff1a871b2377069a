/** A finding in words. */
export interface Words {
  /** Empty where there is nothing to say. */
  readonly says: string;
  readonly remedy?: string;
}

const MOST_CHARACTERS = 100;

/** Text of somebody else's, short enough for a line. */
export function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}
