import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS } from '../../../core/errors.ts';
import { pageText, ROOT } from './pages.ts';

const page = pageText('docs/troubleshooting.md');
const sources = globSync(['{core,aws,host,ric}/**/*.ts', 'ric/start/bootstrap'], { cwd: ROOT })
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n');

/** What the page tells to look for in a log: what follows "says", in code, cut at an ellipsis. */
const wordsOfLogs = [...page.matchAll(/\b(?:says|line)\s+(?:that\s+)?`([^`]+)`/g)].map(([, words = '']) => words);

it('has words of logs that the client writes', () => {
  expect(wordsOfLogs.length).toBeGreaterThan(5);
  expect(wordsOfLogs.filter((words) => !sources.includes(words.replace(/ ?….*/, '')))).toEqual([]);
});

it('names faults that there are', () => {
  const named = [...page.matchAll(/MaintenanceWindow\.[A-Z]\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !(name in FAULTS))).toEqual([]);
});
