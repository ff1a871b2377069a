/** What pages hear of what is done in a console. */
import { expect, it } from 'vitest';
import { createNews } from '../../../../operator/console/news.ts';

it('tells the latest at once, and a later one each time, though the clock stands or goes back', () => {
  let now = 1_000;
  const news = createNews(() => now);
  const heard: number[] = [];
  const unheard = news.hear((at) => heard.push(at));
  news.tell();
  now = 2_000;
  news.tell();
  now = 500;
  news.tell();
  expect(heard).toEqual([1_000, 1_001, 2_000, 2_001]);
  unheard();
  news.tell();
  expect(heard).toHaveLength(4);
  expect(news.latest()).toBe(2_002);
});
