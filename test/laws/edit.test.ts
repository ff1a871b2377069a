import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differenceOf, holdsIn } from '../../core/windows/difference.ts';
import { editWindows, type WindowEdits } from '../../core/windows/edit.ts';
import {
  parseWindows,
  type Window,
  type WindowDocument,
  windowsToText,
  windowToText,
} from '../../core/windows/window.ts';
import { windowDocuments } from '../data/windows.ts';

const RUNS = { numRuns: 1_000 };

/** A text of a document as somebody might have written it: blanks and lines anywhere, keys in any order. */
function spelledTexts(document: WindowDocument): fc.Arbitrary<string> {
  if (document.form === 'list') return fc.constantFrom(',', ' , ', ',\n').map((comma) => listText(document, comma));
  return fc
    .record({ indent: fc.constantFrom(0, 1, 2, 4), reversed: fc.boolean(), around: fc.constantFrom('', ' ', '\n') })
    .map(({ indent, reversed, around }) => {
      const entries = Object.entries(JSON.parse(windowsToText(document)));
      const value = Object.fromEntries(reversed ? entries.reverse() : entries);
      return `${around}${JSON.stringify(value, null, indent)}${around}`;
    });
}

function listText(document: WindowDocument, comma: string): string {
  return windowsToText(document).split(',').join(comma);
}

function texts(): fc.Arbitrary<{ document: WindowDocument; text: string }> {
  return windowDocuments().chain((document) => spelledTexts(document).map((text) => ({ document, text })));
}

/** Edits of a document: some windows go, some become others, some come. */
function editsOf({ windows }: WindowDocument): fc.Arbitrary<WindowEdits> {
  const others = windowDocuments().map((other) => other.windows.slice(0, 2));
  return fc
    .record({
      fates: fc.array(fc.option(fc.oneof(fc.constant([] as readonly Window[]), others), { nil: undefined, freq: 1 }), {
        minLength: windows.length,
        maxLength: windows.length,
      }),
      added: others,
    })
    .map(({ fates, added }) => ({
      replaced: new Map(fates.flatMap((fate, index) => (fate ? [[index, fate] as const] : []))),
      added,
    }));
}

const cases = () => texts().chain((given) => editsOf(given.document).map((edits) => ({ ...given, edits })));

it('an edit says what it says, and every other window and the policy stay what they were', () => {
  fc.assert(
    fc.property(cases(), ({ document, text, edits }) => {
      const parsed = parseWindows(editWindows(text, edits));
      const expected = document.windows.flatMap((window, index) => edits.replaced?.get(index) ?? [window]);
      expect(parsed).toMatchObject({
        kind: 'windows',
        document: { windows: [...expected, ...(edits.added ?? [])], policy: document.policy },
      });
    }),
    RUNS,
  );
});

it('what an edit does not name stays as it was written, to the byte', () => {
  fc.assert(
    fc.property(cases(), ({ document, text, edits }) => {
      const before = JSON.stringify(windowTexts(text));
      const kept = windowTexts(text).filter((_, index) => !edits.replaced?.has(index));
      const after = editWindows(text, edits);
      if (document.form === 'list' && after.startsWith('{')) return;
      let from = 0;
      for (const one of kept) {
        const at = after.indexOf(one, from);
        expect(at, `${one} in ${after}, of ${before}`).not.toBe(-1);
        from = at + one.length;
      }
    }),
    RUNS,
  );
});

it('taking out what was added gives the text that was there before', () => {
  fc.assert(
    fc.property(texts(), windowDocuments(), ({ document, text }, { windows: added }) => {
      const more = editWindows(text, { added });
      const isConverted = document.form === 'list' && more.startsWith('{');
      if (isConverted || document.windows.length === 0) return;
      const first = document.windows.length;
      expect(editWindows(more, { replaced: new Map(added.map((_, index) => [first + index, []])) })).toBe(text);
    }),
    RUNS,
  );
});

it('a difference holds in the text that it leads to, and only a difference of nothing in the one that it came from', () => {
  fc.assert(
    fc.property(cases(), ({ text, edits }) => {
      const after = editWindows(text, edits);
      const difference = differenceOf(text, after);
      const isNothing = difference.added.length + difference.removed.length === 0;
      const repeats = hasRepeats(text) || hasRepeats(after);
      if (!repeats) expect(holdsIn(difference, after)).toBe(true);
      if (!repeats) expect(holdsIn(difference, text)).toBe(isNothing);
    }),
    RUNS,
  );
});

/** The text of each window, as it stands in a text whose windows stand by themselves. */
function windowTexts(text: string): string[] {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  if (parsed.document.form === 'list') {
    const instants = text.split(',');
    return Array.from({ length: instants.length / 2 }, (_, index) => instants.slice(2 * index, 2 * index + 2).join());
  }
  // the spelled texts indent as JSON.stringify does, so a window's own text can be made again
  const indent = /^\s*\{\n( +)/.exec(text)?.[1]?.length ?? 0;
  const list: unknown[] = JSON.parse(text).windows;
  return list.map((entry) => JSON.stringify(entry, null, indent).replaceAll('\n', `\n${' '.repeat(2 * indent)}`));
}

function hasRepeats(text: string): boolean {
  const parsed = parseWindows(text);
  const lines = parsed.kind === 'windows' ? parsed.document.windows.map(windowToText) : [];
  return new Set(lines).size !== lines.length;
}
