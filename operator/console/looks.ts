import { SECOND_MS } from '../../core/units.ts';
import type { Answer, Tool } from './answer.ts';
import type { News } from './news.ts';

/** What a look told, and what it cost. */
export interface Seen {
  readonly answer: Answer;
  /** Read units of the table. */
  readonly readUnits: number;
}

/** Looks by a command of the tool. */
export type Look = (words: readonly string[]) => Promise<Seen>;

/** A look that goes on. */
interface Begun {
  readonly at: number;
  readonly seen: Promise<Seen>;
}

/** AWS has lost one of its requests by then: who asks now may be answered, and wants nothing of what was before. */
const SHARED_MS = 5 * SECOND_MS;

/**
 * Looks that are equal and under way at once, of several tabs, are one. One that began before something was done here, or seconds
 * ago, is nobody else's: it may show what was before.
 *
 * @param now milliseconds of a clock that nobody sets
 */
export function createLooks(tool: Pick<Tool, 'run'>, news: Pick<News, 'latest'>, now: () => number): Look {
  const underWay = new Map<string, Begun>();
  return (words) => {
    const key = JSON.stringify([news.latest(), ...words]);
    const before = underWay.get(key);
    if (before && now() - before.at < SHARED_MS) return before.seen;
    const begun: Begun = { at: now(), seen: lookAnew(words).finally(() => over(key, begun)) };
    underWay.set(key, begun);
    return begun.seen;
  };

  function over(key: string, begun: Begun): void {
    if (underWay.get(key) === begun) underWay.delete(key);
  }

  async function lookAnew(words: readonly string[]): Promise<Seen> {
    let readUnits = 0;
    const answer = await tool.run(words, (units) => {
      readUnits += units;
    });
    return { answer, readUnits };
  }
}
