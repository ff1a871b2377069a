import { describe, expect, it } from 'vitest';
import { editWindows } from '../../../core/windows/edit.ts';
import { parseWindows, windowsToText } from '../../../core/windows/window.ts';
import { windowIds } from '../../../core/windows/window-ids.ts';
import { parseWithReplay } from '../../../core/windows/with-replay.ts';
import { withEnd } from '../../../operator/edits/set-end.ts';

const NIGHT = { start: '2026-11-22T01:00:00Z', end: '2026-11-22T04:00:00Z' };
const WEEKLY = { schedule: 'cron(0 1 ? * SUN *)', duration: 'PT2H' };
const textOf = (windows: readonly object[], policy?: object) =>
  JSON.stringify({ version: 1, windows, ...(policy && { policy }) });

function documentOf(text: string) {
  const read = parseWithReplay(text);
  if (read.kind === 'fault') throw new Error(read.message);
  return read.document;
}

describe('how a backlog is replayed, in a window document', () => {
  it('stands in the policy and in windows of both kinds, and is printed as it was written', () => {
    const windows = [
      { ...NIGHT, replay: 'manual' },
      { ...WEEKLY, functions: ['orders-*'], replay: { rate: '50/s', canary: 20 } },
    ];
    const text = textOf(windows, { replay: { stopAfter: '10%' } });
    const document = documentOf(text);
    expect(document.windows.map(({ replay }) => replay)).toEqual(['manual', { rate: '50/s', canary: 20 }]);
    expect(document.policy.replay).toEqual({ stopAfter: '10%' });
    expect(JSON.parse(windowsToText(document))).toEqual(JSON.parse(text));
  });

  it('changes no id, and survives an edit of another window byte for byte', () => {
    const plain = documentOf(textOf([NIGHT, WEEKLY])).windows;
    const text = `{"version":1, "windows":[${JSON.stringify(NIGHT)}, {"schedule":"cron(0 1 ? * SUN *)","duration":"2h", "replay": { "rate" : "50/s" }}]}`;
    expect(windowIds(documentOf(text).windows)).toEqual(windowIds(plain));
    const edited = editWindows(text, { replaced: new Map([[0, []]]) });
    expect(edited).toContain('"replay": { "rate" : "50/s" }}');
  });

  it('stays with an occurrence that an edit sets apart', async () => {
    const daily = { schedule: 'cron(0 1 * * ? *)', duration: 'PT2H', replay: { canary: 5 } };
    const [window] = documentOf(textOf([daily])).windows;
    if (!window) throw new Error('no window');
    const [startAt, endAt] = [Date.UTC(2026, 10, 22, 1), Date.UTC(2026, 10, 22, 3)];
    const apart = await withEnd(window, { startAt, endAt }, endAt + 1_000);
    expect(apart.map(({ kind, replay }) => [kind, replay])).toEqual([
      ['one-off', { canary: 5 }],
      ['recurring', { canary: 5 }],
    ]);
  });

  it('makes a document of a list', () => {
    const added = documentOf(textOf([{ ...NIGHT, replay: 'manual' }])).windows;
    const text = editWindows('2026-12-01T00:00:00Z,2026-12-01T01:00:00Z', { added });
    expect(JSON.parse(text).windows[1]).toEqual({ ...NIGHT, replay: 'manual' });
  });

  it.each([
    [textOf([NIGHT], { replay: 'automatic' }), /^policy\.replay: must be "manual"/],
    [textOf([NIGHT, { ...WEEKLY, replay: { rate: 'fast' } }]), /^windows\[1\]\.replay\.rate: "fast" is no rate/],
    [textOf([{ ...NIGHT, replay: null }]), /^windows\[0\]\.replay: must be "manual"/],
  ])('is refused before it is written, and no gate is kept from its windows by it: %s', (text, message) => {
    expect(parseWithReplay(text)).toEqual({ kind: 'fault', message: expect.stringMatching(message) });
    expect(parseWindows(text).kind).toBe('windows');
  });

  it('is refused everywhere where it stands twice', () => {
    const text = `{"version":1,"windows":[],"policy":{"replay":"manual","replay":{}}}`;
    expect(parseWindows(text).kind).toBe('fault');
  });
});
