/** Looks of several tabs at once. */
import { expect, it } from 'vitest';
import type { Answer } from '../../../../operator/console/answer.ts';
import { createLooks, type Seen } from '../../../../operator/console/looks.ts';

const ANSWER: Answer = { exitCode: 0, results: [], remarks: [], command: '' };

interface Asked {
  readonly words: readonly string[];
  /** Ends it. */
  answer(readUnits: number): void;
  fail(): void;
}

function looksOf({ latest = () => 0, now = () => 0 }: { latest?: () => number; now?: () => number } = {}) {
  const asked: Asked[] = [];
  const look = createLooks(
    {
      run: (words, spent) =>
        new Promise((resolve, reject) => {
          asked.push({
            words,
            answer(readUnits) {
              spent?.(readUnits);
              resolve(ANSWER);
            },
            fail: () => reject(new Error('it broke')),
          });
        }),
    },
    { latest },
    now,
  );
  return { look, asked };
}

/** Of two looks under way, the second is that of who comes next, also once the first is over. */
async function expectFollowed(
  { look, asked }: ReturnType<typeof looksOf>,
  first: Promise<Seen>,
  second: Promise<Seen>,
) {
  asked[0]?.answer(1);
  await first;
  const third = look(['status']);
  expect(asked).toHaveLength(2);
  asked[1]?.answer(2);
  expect([await second, await third].map(({ readUnits }) => readUnits)).toEqual([2, 2]);
}

it('asks once for what several look at in the same moment, and tells each what that cost', async () => {
  const { look, asked } = looksOf();
  const [one, other] = [look(['status']), look(['status'])];
  expect(asked).toHaveLength(1);
  asked[0]?.answer(7);
  expect([await one, await other]).toEqual([
    { answer: ANSWER, readUnits: 7 },
    { answer: ANSWER, readUnits: 7 },
  ]);
});

it('asks for each that differs, were it by where its words part', () => {
  const { look, asked } = looksOf();
  void look(['events', 'list']);
  void look(['events', 'list', '--count']);
  void look(['events list']);
  expect(asked.map(({ words }) => words)).toEqual([['events', 'list'], ['events', 'list', '--count'], ['events list']]);
});

it('asks anew once one is over', async () => {
  const { look, asked } = looksOf();
  const first = look(['status']);
  asked[0]?.answer(1);
  await first;
  void look(['status']);
  expect(asked).toHaveLength(2);
});

it('asks anew where something was done since one began, and leaves the later one to those who follow', async () => {
  let latest = 1;
  const looks = looksOf({ latest: () => latest });
  const { look, asked } = looks;
  const before = look(['status']);
  latest = 2;
  const after = look(['status']);
  expect(asked).toHaveLength(2);
  await expectFollowed(looks, before, after);
});

it('asks anew where one is not answered for seconds, and leaves the later one to those who follow', async () => {
  let now = 0;
  const looks = looksOf({ now: () => now });
  const { look, asked } = looks;
  const hanging = look(['status']);
  now = 4_999;
  void look(['status']);
  expect(asked).toHaveLength(1);
  now = 5_000;
  const after = look(['status']);
  expect(asked).toHaveLength(2);
  await expectFollowed(looks, hanging, after);
});

it('fails for all who waited for one that broke, and for nobody after', async () => {
  const { look, asked } = looksOf();
  const [one, other] = [look(['status']), look(['status'])];
  asked[0]?.fail();
  await expect(one).rejects.toThrow('it broke');
  await expect(other).rejects.toThrow('it broke');
  const next = look(['status']);
  asked[1]?.answer(0);
  await expect(next).resolves.toMatchObject({ answer: ANSWER });
});
