import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWindows, windowsToText } from '../../core/windows/window.ts';
import { anyCharacter } from '../data/characters.ts';
import { windowDocuments } from '../data/windows.ts';

describe('the window language', () => {
  it('reads again exactly what it printed', () => {
    fc.assert(
      fc.property(windowDocuments(), (document) => {
        expect(parseWindows(windowsToText(document))).toEqual({ kind: 'windows', document });
      }),
      { numRuns: 500 },
    );
  });

  it('prints one text only for what it reads, however that was written', () => {
    fc.assert(
      fc.property(windowDocuments(), fc.nat(3), (document, indent) => {
        const text = windowsToText(document);
        const spaced = document.form === 'list' ? ` ${text.replaceAll(',', ' ,\n')} ` : reindented(text, indent);
        const parsed = parseWindows(spaced);
        expect(parsed.kind === 'windows' ? windowsToText(parsed.document) : parsed).toBe(text);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    const texts = fc.oneof(
      fc.string({ unit: anyCharacter(), maxLength: 200 }),
      fc.json(),
      fc.json().map((json) => `{"version":1,"windows":[${json}]}`),
      fc.object().map((window) => JSON.stringify({ version: 1, windows: [window] })),
      fc
        .dictionary(fc.constantFrom('start', 'end', 'schedule', 'duration', 'timezone', 'from'), fc.string())
        .map((window) => JSON.stringify({ version: 1, windows: [window] })),
      fc.jsonValue().map((policy) => JSON.stringify({ version: 1, windows: [], policy })),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(['windows', 'fault']).toContain(parseWindows(text).kind);
      }),
      { numRuns: 2000 },
    );
  });
});

function reindented(text: string, indent: number): string {
  return `\n${JSON.stringify(JSON.parse(text), null, indent)}\n`;
}
