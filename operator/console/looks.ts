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

/**
 * Looks that are equal and under way at once, of several tabs, are one. One that began before something was done here is nobody
 * else's: it may show what was before.
 */
export function createLooks(tool: Pick<Tool, 'run'>, news: Pick<News, 'latest'>): Look {
  const underWay = new Map<string, Promise<Seen>>();
  return (words) => {
    const key = JSON.stringify([news.latest(), ...words]);
    const begun = underWay.get(key) ?? lookAnew(words).finally(() => underWay.delete(key));
    underWay.set(key, begun);
    return begun;
  };

  async function lookAnew(words: readonly string[]): Promise<Seen> {
    let readUnits = 0;
    const answer = await tool.run(words, (units) => {
      readUnits += units;
    });
    return { answer, readUnits };
  }
}
