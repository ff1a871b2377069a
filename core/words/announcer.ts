import type { Word } from './words.ts';

/** Where words go: an account's event bus. */
export interface Announcer {
  /**
   * Says them, in this order. A word may be heard twice, and words in another order: `detail.id` and `time` tell.
   *
   * @throws where not all of them were taken; some may have been
   */
  announce(words: readonly Word[]): Promise<void>;
}
