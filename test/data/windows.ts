import fc from 'fast-check';
import type { ReplayPolicy } from '../../core/sources/auto-replay.ts';
import type { Policy } from '../../core/sources/policy.ts';
import type { OneOffWindow, RecurringWindow, Window, WindowDocument } from '../../core/windows/window.ts';
import { anyCharacter } from './characters.ts';
import { cronExpressions } from './schedules.ts';

const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const TEN_YEARS_SECONDS = 3650 * 86_400;

/** Any document that a window parameter can hold. */
export function windowDocuments(): fc.Arbitrary<WindowDocument> {
  const differ = { selector: ({ id }: Window) => id ?? Symbol('none') };
  const plain = oneOffWindows().map(({ kind, startAt, endAt }): OneOffWindow => ({ kind, startAt, endAt }));
  return fc.oneof(
    fc.array(plain, { minLength: 1, maxLength: 8 }).map((windows) => ({ form: 'list' as const, windows, policy: {} })),
    fc.record({
      form: fc.constant('document' as const),
      windows: fc.uniqueArray(fc.oneof<fc.Arbitrary<Window>[]>(oneOffWindows(), recurringWindows()), {
        maxLength: 8,
        ...differ,
      }),
      policy: fc.constantFrom<Policy>(
        {},
        {
          rules: [
            {
              source: 'sns',
              match: { Records: { Sns: { Subject: [null, { wildcard: '\\**"\u2028' }] } } },
              do: 'answer',
            },
          ],
        },
        { sqs: 'defer' as const },
        { replay: 'manual' as const },
        { sqs: 'dispatch' as const, direct: 'accept' as const, http: { defer: ['POST /webhooks/*'] } },
      ),
    }),
  );
}

function oneOffWindows(): fc.Arbitrary<OneOffWindow> {
  return fc
    .tuple(instants(), instants(), descriptions())
    .filter(([a, b]) => a !== b)
    .map(([a, b, description]) => ({
      kind: 'one-off',
      startAt: Math.min(a, b),
      endAt: Math.max(a, b),
      ...description,
    }));
}

function recurringWindows(): fc.Arbitrary<RecurringWindow> {
  return fc
    .record(
      {
        kind: fc.constant('recurring'),
        schedule: fc.oneof(
          cronExpressions([1970, 2199]),
          localTimes().map((text) => `at(${text})`),
        ),
        timezone: fc.constantFrom(
          'UTC',
          'Etc/UTC',
          'Europe/Rome',
          'America/Argentina/Buenos_Aires',
          'Etc/GMT+5',
          'CET',
        ),
        durationMs: fc.integer({ min: 1, max: TEN_YEARS_SECONDS }).map((seconds) => seconds * 1000),
        bounds: fc.oneof(
          fc.constant({}),
          instants().map((fromAt) => ({ fromAt })),
          instants().map((untilAt) => ({ untilAt })),
          fc
            .uniqueArray(instants(), { minLength: 2, maxLength: 2 })
            .map(([a = 0, b = 0]) => ({ fromAt: Math.min(a, b), untilAt: Math.max(a, b) })),
        ),
        description: descriptions(),
      },
      { noNullPrototype: true },
    )
    .map(
      ({ bounds, description, ...window }): RecurringWindow => ({
        ...window,
        kind: 'recurring',
        ...bounds,
        ...description,
      }),
    );
}

function descriptions(): fc.Arbitrary<Pick<Window, 'id' | 'reason' | 'functions' | 'replay'>> {
  const id = fc.stringMatching(/^[0-9a-f]{6,32}$/);
  const reason = fc.string({ unit: anyCharacter(), minLength: 1 }).filter((text) => text.trim() !== '');
  const functions = fc.array(fc.stringMatching(/^[\w*?-]{1,12}$/), { minLength: 1, maxLength: 3 });
  const replay = fc.constantFrom<ReplayPolicy>(
    'manual',
    {},
    { rate: '0.5/s', stopAfter: '10%' },
    { canary: 20, ordered: true },
  );
  return fc.record({ id, reason, functions, replay }, { requiredKeys: [], noNullPrototype: true });
}

function instants(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min: 0, max: LAST_INSTANT }),
    fc.integer({ min: 0, max: Math.floor(LAST_INSTANT / 1000) }).map((seconds) => seconds * 1000),
    fc.constantFrom(0, LAST_INSTANT),
  );
}

function localTimes(): fc.Arbitrary<string> {
  const lastSecond = Date.UTC(2200, 0, 1) / 1000 - 1;
  return fc.nat(lastSecond).map((second) => new Date(second * 1000).toISOString().slice(0, 19));
}
