import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowTime } from '../../../core/calendar/ended.ts';
import { MINUTE_MS } from '../../../core/units.ts';
import { tellOn, type WindowStory, type WindowView } from '../../../core/words/window-story.ts';

const AT = Date.UTC(2026, 10, 21);
const min = (minutes: number) => AT + minutes * MINUTE_MS;
const WINDOW: WindowTime = { parameter: 'p', window: '3f9a1c', startAt: min(1), endAt: min(61) };

const viewOf = (now: number, times: readonly WindowTime[], more: Partial<WindowView> = {}): WindowView => ({
  times,
  editedAt: new Map([['p', AT]]),
  quietAt: () => Number.POSITIVE_INFINITY,
  now,
  ...more,
});

/** Tells on from view to view, as JSON has the story in between. */
function told(...views: readonly WindowView[]): readonly (readonly string[])[] {
  let story: WindowStory | undefined;
  return views.map((view) => {
    const next = tellOn(story, view);
    story = JSON.parse(JSON.stringify(next.story));
    return next.words.map(({ type, at }) => `${type} ${(at - AT) / MINUTE_MS}`);
  });
}

describe('the story of the windows', () => {
  it('tells a window once, when it begins and when it ends', () => {
    const times = [WINDOW];
    expect(
      told(
        viewOf(min(0), []),
        viewOf(min(2), times),
        viewOf(min(3), times),
        viewOf(min(62), times),
        viewOf(min(63), times),
      ),
    ).toEqual([[], ['Window Began 1'], [], ['Window Ended 61'], []]);
  });

  it('tells what came and went between two looks, in order', () => {
    const other = { ...WINDOW, window: 'aaaaaa', startAt: min(3), endAt: min(5) };
    expect(told(viewOf(min(0), []), viewOf(min(90), [WINDOW, other]))[1]).toEqual([
      'Window Began 1',
      'Window Began 3',
      'Window Ended 5',
      'Window Ended 61',
    ]);
  });

  it('begins with what is active, and tells nothing that was over before', () => {
    const over = { ...WINDOW, startAt: min(-9), endAt: min(-5) };
    expect(told(viewOf(min(2), [WINDOW, over]))).toEqual([['Window Began 1']]);
  });

  it('tells an extension, and an end that came sooner', () => {
    const later = { ...WINDOW, endAt: min(90) };
    const ended = { ...WINDOW, endAt: min(70) };
    expect(
      told(viewOf(min(2), [WINDOW]), viewOf(min(3), [later]), viewOf(min(4), [later]), viewOf(min(71), [ended])),
    ).toEqual([['Window Began 1'], ['Window Extended 3'], [], ['Window Ended 70']]);
  });

  it('knows an occurrence that an extension set apart', () => {
    const apart = { ...WINDOW, window: 'bbbbbb', endAt: min(90) };
    expect(told(viewOf(min(2), [WINDOW]), viewOf(min(3), [apart]))).toEqual([
      ['Window Began 1'],
      ['Window Extended 3'],
    ]);
  });

  it('tells the end of a window that was taken out, at the time of that edit, and remembers it', () => {
    const edited = new Map([['p', min(10)]]);
    expect(told(viewOf(min(2), [WINDOW]), viewOf(min(11), [], { editedAt: edited }))).toEqual([
      ['Window Began 1'],
      ['Window Ended 10'],
    ]);
    const { story } = tellOn(
      tellOn(undefined, viewOf(min(2), [WINDOW])).story,
      viewOf(min(11), [], { editedAt: edited }),
    );
    expect(story.ended).toMatchObject([{ window: '3f9a1c', endAt: min(10) }]);
    expect(tellOn(story, viewOf(min(10) + 24 * 60 * MINUTE_MS, [])).story.ended).toEqual([]);
  });

  it('tells nothing of a parameter that cannot be read', () => {
    const unread = { editedAt: new Map<string, number>() };
    expect(told(viewOf(min(2), [WINDOW]), viewOf(min(3), [], unread), viewOf(min(4), [WINDOW]))).toEqual([
      ['Window Began 1'],
      [],
      [],
    ]);
  });

  it('tells quiet once, when the edit that made the window was seen and handlers are over', () => {
    const quietAt: WindowView['quietAt'] = ({ startAt, editedAt }) => Math.max(startAt, editedAt) + 2 * MINUTE_MS;
    const edit = (minute: number) => ({ quietAt, editedAt: new Map([['p', min(minute)]]) });
    expect(
      told(
        viewOf(min(2), [WINDOW], edit(2)),
        viewOf(min(3), [WINDOW], edit(3)),
        viewOf(min(4), [WINDOW], edit(3)),
        viewOf(min(5), [WINDOW], edit(3)),
      ),
    ).toEqual([['Window Began 1'], [], ['Window Quiet 4'], []]);
  });

  it('tells each beginning and each end exactly once, whenever it looks', () => {
    const times = fc.array(
      fc.record({ startAt: fc.integer({ min: 1, max: 50 }), length: fc.integer({ min: 1, max: 20 }) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(times, fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { maxLength: 8 }), (spans, looks) => {
        const windows = spans.map(({ startAt, length }, index) => ({
          parameter: 'p',
          window: `${index}`.padStart(6, 'a'),
          startAt: min(startAt),
          endAt: min(startAt + length),
        }));
        const seen = (now: number) => windows.filter(({ startAt }) => startAt <= now);
        const all = [0, ...looks.sort((a, b) => a - b), 100].map((minute) => viewOf(min(minute), seen(min(minute))));
        const words = told(...all).flat();
        const counts = (type: string) => words.filter((word) => word.startsWith(type)).length;
        expect([counts('Window Began'), counts('Window Ended')]).toEqual([windows.length, windows.length]);
      }),
    );
  });

  it('keeps what is one maintenance with what is open, or has ended within a day', () => {
    const [first, second] = [
      { ...WINDOW, startAt: min(1), endAt: min(60), replay: 'manual' as const },
      { ...WINDOW, window: 'aaaaaa', startAt: min(50), endAt: min(3_000) },
    ];
    let { story } = tellOn(undefined, viewOf(min(10), [first]));
    for (const now of [min(55), min(70)]) story = tellOn(story, viewOf(now, [first, second])).story;
    for (const now of [min(2_900), min(3_100)]) story = tellOn(story, viewOf(now, [second])).story;
    expect(story.ended.map(({ window, startAt }) => [window, startAt])).toEqual([
      ['aaaaaa', min(50)],
      ['3f9a1c', min(1)],
    ]);
    expect(tellOn(story, viewOf(min(3_000 + 24 * 60 + 1), [])).story.ended).toEqual([]);
  });

  it('has times of one window without a pause between them as one, however many they are', () => {
    const half = (index: number) => ({ ...WINDOW, startAt: min(30 * index), endAt: min(30 * index + 30) });
    const times = Array.from({ length: 20 }, (_, index) => half(index));
    let { story } = tellOn(undefined, viewOf(min(0), []));
    for (let now = 1; now <= 610; now += 1) story = tellOn(story, viewOf(min(now), times)).story;
    expect(story.ended.map(({ startAt, endAt }) => [startAt, endAt])).toEqual([[min(0), min(600)]]);
    const later = times.map((time) => ({ ...time, replay: {} }));
    story = tellOn(story, viewOf(min(611), later)).story;
    expect(story.ended).toMatchObject([{ startAt: min(0), endAt: min(600), replay: {} }]);
  });
});
