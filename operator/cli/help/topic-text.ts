import type { Command } from 'commander';
import { TIMES_HELP } from '../../times/times-help.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { definitions, wrapped } from '../terminal/wrap.ts';
import { ENVIRONMENT } from './environment.ts';
import { FORMATTING_HELP } from './formatting-help.ts';
import { manPage } from './man-page.ts';
import type { Topic } from './topics.ts';
import { WORDS } from './words.ts';

/** Columns of a terminal that no topic is wider than. */
const COLUMNS = 80;

/** The text of a topic. */
export function topicText(topic: Topic, program: Command): string {
  switch (topic) {
    case 'times':
      return TIMES_HELP;
    case 'exit-codes': {
      const rows = [...EXIT_CODES].map(([code, when]) => [String(code), when.replaceAll('`', '')] as const);
      return `Exit codes:\n\n${definitions(rows, COLUMNS)}`;
    }
    case 'words':
      return WORDS.map(([about, rows]) => `${about}:\n\n${definitions(rows, COLUMNS)}`).join('\n\n');
    case 'environment': {
      const rows = ENVIRONMENT.map(
        ([name, meaning]) => `  ${name}\n      ${wrapped(meaning, COLUMNS - 6).join('\n      ')}`,
      );
      return `Variables that the tool reads; an option wins over a variable, and a\nvariable over the context. Keys are found as AWS’s SDK finds them.\n\n${rows.join('\n')}`;
    }
    case 'formatting':
      return FORMATTING_HELP;
    case 'man':
      return manPage(program);
  }
}
