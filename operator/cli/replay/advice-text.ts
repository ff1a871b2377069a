import type { Advice, Advised } from '../../../core/replay/progress/advice.ts';

/** A reason with what to do about it, in the tool's own options. */
export function advisedText({ why, advice }: Advised): string {
  return advice === undefined ? why : TEXTS[advice](why);
}

const TEXTS: Readonly<Record<Advice, (why: string) => string>> = {
  'as-request': (why) => `${why}: replay it with --mode request`,
  'newer-client': (why) => `${why}: the client in it is older than --during-window`,
  'compare-parameters': (why) => `${why}: compare its MAINTENANCE_WINDOW_PARAMETER with --parameter`,
  rate: () => 'the rate that was asked for (--rate) lets no event go before',
};
