import { describe, expect, it } from 'vitest';
import { editWindows } from '../../../core/windows/edit.ts';
import type { OneOffWindow, RecurringWindow } from '../../../core/windows/window.ts';

const NIGHT: OneOffWindow = {
  kind: 'one-off',
  startAt: Date.UTC(2026, 10, 21),
  endAt: Date.UTC(2026, 10, 21, 4),
};
const NIGHT_LIST = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z';
const NIGHT_ENTRY = '{"start":"2026-11-21T00:00:00Z","end":"2026-11-21T04:00:00Z"}';
const WEEKLY: RecurringWindow = {
  kind: 'recurring',
  schedule: 'cron(0 2 ? * SUN *)',
  timezone: 'Europe/Rome',
  durationMs: 7_200_000,
};

const remove = (...indices: number[]) => ({ replaced: new Map(indices.map((index) => [index, []])) });

describe('editing a list', () => {
  const FIRST = '2026-01-01T00:00+01:00 , 2026-01-01T02:00:00.000Z';
  const SECOND = '\n2026-02-01T00:00:00Z,2026-02-01T02:00:00Z';

  it('adds a window behind the others, which stay as they were written', () => {
    expect(editWindows(`${FIRST},${SECOND}`, { added: [NIGHT] })).toBe(`${FIRST},${SECOND},${NIGHT_LIST}`);
  });

  it('takes a window out', () => {
    expect(editWindows(`${FIRST},${SECOND}`, remove(0))).toBe(SECOND);
    expect(editWindows(`${FIRST},${SECOND}`, remove(1))).toBe(FIRST);
  });

  it('puts a window in the place of another one', () => {
    const moved = { ...NIGHT, startAt: Date.UTC(2025, 11, 31, 23) };
    expect(editWindows(`${FIRST},${SECOND}`, { replaced: new Map([[0, [moved]]]) })).toBe(
      `2025-12-31T23:00:00Z,2026-11-21T04:00:00Z,${SECOND}`,
    );
  });

  it('becomes a document for what a list cannot say, with its instants as they were written', () => {
    expect(editWindows(`${FIRST},${SECOND}`, { added: [{ ...NIGHT, reason: 'CHG-1' }] })).toBe(
      `{"version":1,"windows":[
{"start":"2026-01-01T00:00+01:00","end":"2026-01-01T02:00:00.000Z"},
{"start":"2026-02-01T00:00:00Z","end":"2026-02-01T02:00:00Z"},
{"start":"2026-11-21T00:00:00Z","end":"2026-11-21T04:00:00Z","reason":"CHG-1"}
]}`,
    );
    expect(editWindows(FIRST, { added: [WEEKLY] })).toMatch(/^\{"version":1,"windows":\[/);
  });

  it('becomes a document without windows when its last one goes', () => {
    expect(editWindows(FIRST, remove(0))).toBe('{"version":1,"windows":[]}');
  });
});

describe('editing a document', () => {
  const ONE_LINE = `{"policy":{"sqs":"reject"}, "windows":[${NIGHT_ENTRY} , ${NIGHT_ENTRY}],"version":1}`;
  const PRETTY = `{
  "version": 1,
  "windows": [
    { "reason": "a \\"quoted\\" ] } one", "end": "2026-01-01T02:00:00+02:00", "start": "2026-01-01T00:00+02:00" },
    ${NIGHT_ENTRY}
  ],
  "policy": { "sqs" : "reject" }
}
`;

  it('adds a window in the way in which the others stand', () => {
    expect(editWindows(PRETTY, { added: [NIGHT] })).toBe(
      PRETTY.replace(`${NIGHT_ENTRY}\n`, `${NIGHT_ENTRY},\n    ${NIGHT_ENTRY}\n`),
    );
    expect(editWindows(ONE_LINE, { added: [NIGHT] })).toBe(
      ONE_LINE.replace(`${NIGHT_ENTRY}]`, `${NIGHT_ENTRY},${NIGHT_ENTRY}]`),
    );
  });

  it('takes out a window, and the comma beside it', () => {
    expect(editWindows(PRETTY, remove(1))).toBe(PRETTY.replace(`,\n    ${NIGHT_ENTRY}`, ''));
    expect(editWindows(PRETTY, remove(0))).toBe(PRETTY.replace(/\{ "reason".*\},\n {4}/, ''));
    expect(editWindows(ONE_LINE, remove(0, 1))).toBe('{"policy":{"sqs":"reject"}, "windows":[],"version":1}');
  });

  it('puts several windows in the place of one', () => {
    const weekly = '{"schedule":"cron(0 2 ? * SUN *)","timezone":"Europe/Rome","duration":"PT2H"}';
    const text = ONE_LINE.replace(`${NIGHT_ENTRY} ,`, `${weekly} ,`);
    expect(editWindows(text, { replaced: new Map([[0, [{ ...NIGHT, startAt: 0 }, WEEKLY]]]) })).toBe(
      text.replace(weekly, `{"start":"1970-01-01T00:00:00Z","end":"2026-11-21T04:00:00Z"},${weekly}`),
    );
  });

  it('begins a line for the first window of all', () => {
    expect(editWindows('{"version":1,"windows":[ ]}', { added: [NIGHT] })).toBe(
      `{"version":1,"windows":[\n${NIGHT_ENTRY}\n]}`,
    );
  });

  it('edits a list whose key is spelled oddly', () => {
    const odd = `{"version":1,"\\u0077indows":[${NIGHT_ENTRY}]}`;
    expect(editWindows(odd, remove(0))).toBe('{"version":1,"\\u0077indows":[]}');
  });

  it('leaves a text alone that no edit names', () => {
    expect(editWindows(PRETTY, {})).toBe(PRETTY);
  });
});

it('refuses what is not windows', () => {
  expect(() => editWindows('{"version":1}', {})).toThrow('windows: is missing');
  expect(() => editWindows('{"windows":[],"version":1,"windows":[]}', {})).toThrow('windows: stands there twice');
});
