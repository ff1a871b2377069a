/** Topics of `help`, besides the commands, each with what it is about. */
export const TOPICS = {
  times: 'times and durations as they are typed',
  'exit-codes': 'what each exit code means',
  words: 'what the words of this tool mean: quiet, lease, tick, …',
  environment: 'variables that the tool reads',
  formatting: 'JSON, some fields of it, and filters by jq',
  man: 'the manual page, for  man -l -',
} as const;

export type Topic = keyof typeof TOPICS;

export function isTopic(word: string): word is Topic {
  return Object.hasOwn(TOPICS, word);
}

/** The topics, as the help of all commands ends. */
export function topicsText(): string {
  const width = Math.max(...Object.keys(TOPICS).map((name) => name.length));
  return Object.entries(TOPICS)
    .map(([name, about]) => `  maintenance-window help ${name.padEnd(width)}  ${about}`)
    .join('\n');
}
