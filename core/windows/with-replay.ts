import { parseAutoReplay } from '../sources/auto-replay.ts';
import { type ParsedWindows, parseWindows, type WindowDocument } from './window.ts';

/**
 * Reads the text of a window parameter as {@link parseWindows} does, and what that takes unread as well: `replay`, of the
 * policy and of each window. For what is about to be written. What is stored already holds without it: the gate replays
 * nothing, and waits for no word of it.
 */
export function parseWithReplay(text: string): ParsedWindows {
  const read = parseWindows(text);
  const message = read.kind === 'windows' ? faultOfReplay(read.document) : undefined;
  return message === undefined ? read : { kind: 'fault', message };
}

/** What is wrong with `replay` in a document, first fault alone: place, value, remedy. */
export function faultOfReplay({ policy, windows }: WindowDocument): string | undefined {
  const replays = [
    [policy.replay, 'policy.replay'] as const,
    ...windows.map(({ replay }, index) => [replay, `windows[${index}].replay`] as const),
  ];
  for (const [replay, place] of replays) {
    const auto = replay === undefined ? undefined : parseAutoReplay(replay, place);
    if (auto?.kind === 'fault') return auto.message;
  }
  return undefined;
}
