import { parseWindows, windowToText } from './window.ts';

/**
 * What two texts of a window parameter say differently: one line for each window, in canonical form, and one for the
 * policy. Order, form and spelling make no difference. A text that is malformed says its own lines.
 */
export interface Difference {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Compares what two texts say. */
export function differenceOf(before: string, after: string): Difference {
  const [old, now] = [linesOf(before), linesOf(after)];
  return { removed: without(old, now), added: without(now, old) };
}

/** Whether a text says what the difference added, and does not say what it removed. */
export function holdsIn({ removed, added }: Difference, text: string): boolean {
  const lines = linesOf(text);
  return without(added, lines).length === 0 && removed.every((line) => added.includes(line) || !lines.includes(line));
}

/** Lines of a text: one for each window and one for the policy, in the text's order. */
function linesOf(text: string): readonly string[] {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') return text.split('\n');
  const { windows, policy } = parsed.document;
  const hasPolicy = Object.keys(policy).length > 0;
  return [...windows.map(windowToText), ...(hasPolicy ? [`policy ${JSON.stringify(policy)}`] : [])];
}

/** Multiset difference: the lines that the others do not have. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
