import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../core/units.ts';
import { parseWindows, type WindowDocument } from '../../../core/windows/window.ts';
import { windowIds } from '../../../core/windows/window-ids.ts';
import { changeText } from '../../../operator/cli/windows/change-text.ts';
import { createTimes } from '../../../operator/times/times.ts';
import { callerText } from '../../../operator/windows/caller.ts';
import { changesBetween } from '../../../operator/windows/changes.ts';
import { describedWith, reasonIn } from '../../../operator/windows/edit-reason.ts';

/** A Sunday, in the middle of the weekly window. */
const AT = Date.UTC(2026, 10, 22, 2);
const NIGHT = { start: '2026-11-22T01:00:00Z', end: '2026-11-22T04:00:00Z', reason: 'CHG-1' };
const WEEKLY = { schedule: 'cron(0 1 ? * SUN *)', duration: 'PT2H', functions: ['orders-*'] };

function documentOf(...windows: object[]): WindowDocument {
  const parsed = parseWindows(JSON.stringify({ version: 1, windows }));
  if (parsed.kind === 'fault') throw new Error(parsed.message);
  return parsed.document;
}

const idOf = (window: object) => windowIds(documentOf(window).windows)[0];

async function changes(before: readonly object[], after: readonly object[], at = AT) {
  return changesBetween(documentOf(...before), documentOf(...after), at);
}

async function told(before: readonly object[], after: readonly object[], at = AT): Promise<readonly string[]> {
  return (await changes(before, after, at)).map((change) => changeText(change, createTimes().text));
}

describe('what a version changed', () => {
  it('tells how events are to be replayed, in the words of the document', async () => {
    const auto = { ...WEEKLY, replay: { rate: '50/s', ordered: true } };
    expect(await told([WEEKLY], [auto])).toEqual([
      expect.stringMatching(/: replay \{"rate":"50\/s","ordered":true\} \(was none\)$/),
    ]);
  });

  it('tells a window that begins with it from one that is to come', async () => {
    const later = { ...NIGHT, start: '2026-11-22T03:00:00Z' };
    expect(await told([], [NIGHT])).toEqual([`began ${idOf(NIGHT)} (every function, CHG-1), for 3 h`]);
    expect(await told([], [later])).toEqual([
      `added ${idOf(later)} (every function, CHG-1): 2026-11-22T03:00:00Z to 2026-11-22T04:00:00Z, for 1 h`,
    ]);
    expect(await changes([NIGHT], [NIGHT, WEEKLY])).toMatchObject([{ kind: 'added', id: idOf(WEEKLY) }]);
  });

  it('says of another end whether the window ended, lasts longer, or less long', async () => {
    const until = (end: string) => told([NIGHT], [{ ...NIGHT, end }]);
    const about = `${idOf(NIGHT)} (every function, CHG-1)`;
    expect(await until('2026-11-22T02:00:00Z')).toEqual([`ended ${about}, 2 h earlier than before`]);
    expect(await until('2026-11-22T05:00:00Z')).toEqual([
      `extended ${about} until 2026-11-22T05:00:00Z, 1 h later than before`,
    ]);
    expect(await until('2026-11-22T03:00:00Z')).toEqual([
      `shortened ${about} until 2026-11-22T03:00:00Z, 1 h earlier than before`,
    ]);
  });

  it('says of an occurrence that is set apart what became of the window that it is of', async () => {
    const apart = (end: string) => ({ start: '2026-11-22T01:00:00Z', end, functions: ['orders-*'] });
    const rest = { ...WEEKLY, from: '2026-11-22T02:00:00Z' };
    const ended = apart('2026-11-22T02:00:00Z');
    expect(await changes([WEEKLY], [ended, rest])).toMatchObject([
      { kind: 'ended', id: idOf(WEEKLY), occurrenceId: idOf(ended), wasEndAt: AT + HOUR_MS },
    ]);
    expect(
      await changes([WEEKLY], [apart('2026-11-22T04:00:00Z'), { ...rest, from: '2026-11-22T03:00:00Z' }]),
    ).toMatchObject([{ kind: 'extended', id: idOf(WEEKLY), endAt: AT + 2 * HOUR_MS }]);
  });

  it('says of the last time of a schedule that it ended', async () => {
    const once = { schedule: 'at(2026-11-22T01:00:00)', duration: 'PT2H' };
    expect(await changes([once], [{ ...once, duration: 'PT1H' }])).toMatchObject([
      { kind: 'ended', id: idOf(once), endAt: AT },
    ]);
    expect(await changes([once], [{ ...once, duration: 'PT3H' }])).toMatchObject([{ kind: 'extended' }]);
  });

  it('shows what an edit changed, and follows a window by the id that it carries', async () => {
    const id = idOf(NIGHT);
    expect(await told([NIGHT], [{ ...NIGHT, id, start: '2026-11-22T02:00:00Z', reason: 'CHG-2' }])).toEqual([
      `edited ${id} (every function, CHG-2): start 2026-11-22T02:00:00Z (was 2026-11-22T01:00:00Z), reason CHG-2 (was CHG-1)`,
    ]);
    expect(await told([WEEKLY], [{ ...WEEKLY, duration: 'PT3H' }], AT + DAY_MS)).toEqual([
      `edited ${idOf(WEEKLY)} (orders-*): duration PT3H (was PT2H)`,
    ]);
    expect(await changes([NIGHT], [{ ...NIGHT, id }])).toEqual([]);
  });

  it('says of another end of a window that is to come that it was edited', async () => {
    expect(await told([NIGHT], [{ ...NIGHT, end: '2026-11-22T05:00:00Z' }], AT - DAY_MS)).toEqual([
      `edited ${idOf(NIGHT)} (every function, CHG-1): end 2026-11-22T05:00:00Z (was 2026-11-22T04:00:00Z)`,
    ]);
  });

  it('says of an edit of a schedule that is active by which id this time of it goes on', async () => {
    const id = idOf(WEEKLY);
    const apart = { start: '2026-11-22T01:00:00Z', end: '2026-11-22T03:00:00Z', functions: ['orders-*'] };
    const edited = { ...WEEKLY, id, schedule: 'cron(0 2 ? * MON *)' };
    expect(await told([WEEKLY], [apart, edited])).toEqual([
      `edited ${id} (orders-*): schedule cron(0 2 ? * MON *) (was cron(0 1 ? * SUN *)); the time that was active goes on as ${idOf(apart)}`,
    ]);
  });

  it('tells a window that is taken out from one that had been over for a day', async () => {
    expect(await changes([NIGHT, WEEKLY], [])).toMatchObject([{ kind: 'removed' }, { kind: 'removed' }]);
    const later = Date.parse(NIGHT.end) + DAY_MS + MINUTE_MS;
    expect(await told([NIGHT], [], later)).toEqual([
      `cleared away ${idOf(NIGHT)} (every function, CHG-1), over for a day`,
    ]);
  });
});

describe('the reason of a version', () => {
  it('stands behind the description, and goes with the next version', () => {
    const described = describedWith('Ours [v2].', 'rolled\n back [again]') ?? '';
    expect(described).toBe('Ours [v2]. [reason: rolled back [again)]');
    expect(reasonIn(described)).toBe('rolled back [again)');
    expect(describedWith(described, undefined)).toBe('Ours [v2].');
    expect(describedWith(described, 'other')).toBe('Ours [v2]. [reason: other]');
    expect(reasonIn('Ours [v2].')).toBeUndefined();
    expect(reasonIn(undefined)).toBeUndefined();
  });

  it('is refused where SSM would not take it', () => {
    expect(describedWith('x'.repeat(1_000), 'y'.repeat(15))).toBeUndefined();
    expect(describedWith(undefined, 'y'.repeat(1_013))).toHaveLength(1_023);
  });
});

it.each([
  ['arn:aws:iam::012345678912:user/ada', 'ada'],
  ['arn:aws:iam::012345678912:user/team/ada', 'ada'],
  ['arn:aws:iam::012345678912:root', 'root'],
  ['arn:aws:sts::012345678912:assumed-role/Operator/ada@example.com', 'ada@example.com (Operator)'],
  ['carol', 'carol'],
  [undefined, 'somebody'],
])('%s is shown as %s', (arn, name) => expect(callerText(arn)).toBe(name));
