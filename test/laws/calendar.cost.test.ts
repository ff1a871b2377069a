import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCalendar } from '../../core/calendar/calendar.ts';
import { parseWindows } from '../../core/windows/window.ts';
import { COSTLY, type Entry, entries, MAX_BYTES, textOf } from './costly-windows.ts';
import { countWork, type WorkCount } from './work-count.ts';

/**
 * A document that is good costs little, whatever it says: reading it, and the state at an instant with the end of the union.
 *
 * It is judged by the steps that V8 counts, some 20 to a microsecond of a machine of 2026, and once by CPU time, with room
 * for a busy machine: a document that is followed without a bound takes seconds. To look for longer, say for how many seconds:
 * `MAINTENANCE_WINDOW_TEST_FUZZ_SECONDS=600 npx vitest run test/laws/calendar.cost.test.ts`
 */
const MOST_STEPS = 800_000;
const MOST_CPU_MS = 150;
const SECONDS = Number(process.env['MAINTENANCE_WINDOW_TEST_FUZZ_SECONDS'] ?? 0);
const TRIES = 250;
/** A search on a machine that is too busy ends here; it has been long enough on any other. */
const LONGEST_MS = 12_000;
const FUNCTION = 'a'.repeat(64);

/** Within a window or without, far from a change of the clock and near one, and where most of what is dear begins. */
const INSTANTS = [
  '2026-11-28T12:00:30Z',
  '2026-03-29T00:30:00Z',
  '2026-10-25T01:00:00Z',
  '2026-01-01T00:00:00Z',
  '2028-02-29T02:59:59.999Z',
].map((text) => Date.parse(text));

let work: WorkCount;
beforeAll(async () => {
  work = await countWork('/core/');
});
afterAll(() => work[Symbol.asyncDispose]());

describe('a document costs little', () => {
  it.each(Object.keys(COSTLY))('%s', async (name) => {
    const text = textOf(COSTLY[name] ?? []);
    expect(parseWindows(text).kind).toBe('windows');
    for (const now of INSTANTS) expect(await stepsOf(text, now)).toBeLessThan(MOST_STEPS);
    expect(await cpuOf(text, INSTANTS[0] ?? 0)).toBeLessThan(MOST_CPU_MS);
  });

  it('as a list, too', async () => {
    const day = Date.UTC(2026, 0, 1);
    const instants = Array.from({ length: 450 }, (_, index) =>
      new Date(day + index * 60_000).toISOString().replace(':00.000', ''),
    );
    const text = instants
      .join()
      .slice(0, MAX_BYTES)
      .replace(/(,[^,]*){2}$/, '');
    expect(parseWindows(text).kind).toBe('windows');
    for (const now of INSTANTS) expect(await stepsOf(text, now)).toBeLessThan(MOST_STEPS);
  });

  it('also where it is refused', async () => {
    const documents = [
      `{"version":1,"windows":${'['.repeat(8_000)}`,
      `{"version":1,"${'windows'.repeat(1_000)}":[]}`,
      textOf([{ schedule: 'cron(0 2 ? * SUN *)', duration: '1h', timezone: 'Europe/'.repeat(1_000) }]),
      textOf([{ schedule: `cron(${'1,'.repeat(3_900)} * * * ? *)`, duration: '1h' }]),
      '2026-01-01T00:00Z,'.repeat(455),
    ];
    for (const text of documents) {
      expect(parseWindows(text).kind).toBe('fault');
      expect(await stepsOf(text, 0)).toBeLessThan(MOST_STEPS);
    }
  });
});

describe('a search for the dearest document', () => {
  it('finds none that costs more', { timeout: Math.max(60_000, SECONDS * 1_500) }, async () => {
    const { steps, text, now } = await dearest();
    expect(steps, `${text} at ${new Date(now).toISOString()}`).toBeLessThan(MOST_STEPS);
    expect(await cpuOf(text, now), text).toBeLessThan(MOST_CPU_MS);
  });
});

interface Candidate {
  readonly entries: readonly Entry[];
  readonly now: number;
}

/**
 * Climbs: of the dearest documents so far one is changed, by chance, and takes the place of the cheapest if it is dearer. It begins
 * with the families that are known, and is the same search each time.
 */
async function dearest() {
  const choices = choicesOf(2026);
  const kept: (Candidate & { readonly steps: number })[] = [];
  const endsAt = performance.now() + (SECONDS * 1_000 || LONGEST_MS);
  const beginnings = Object.values(COSTLY).map((family) => ({ entries: family, now: choices.pick(INSTANTS) }));
  for (let tries = 0; (SECONDS > 0 || tries < TRIES) && performance.now() < endsAt; tries++) {
    const candidate = beginnings[tries] ?? choices.changed(choices.pick(kept.slice(0, 12)), choices.pick(kept));
    const steps = await stepsOf(textOf(candidate.entries), candidate.now);
    kept.push({ ...candidate, steps });
    kept.sort((a, b) => b.steps - a.steps);
    kept.splice(Object.keys(COSTLY).length);
  }
  const [first] = kept;
  if (!first) throw new Error('nothing was tried');
  return { steps: first.steps, text: textOf(first.entries), now: first.now };
}

/** What a search decides by chance, the same each time for the same seed. */
function choicesOf(seed: number) {
  const numbers = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { seed, numRuns: 50_000 });
  const windows = fc.sample(entries, { seed, numRuns: 20_000 });
  let at = 0;
  const chance = () => numbers[at++ % numbers.length] ?? 0;
  const below = (count: number) => Math.floor(chance() * count);
  const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value;
  return { pick, changed };

  function changed({ entries: before, now }: Candidate, other: Candidate): Candidate {
    const entry = pick(windows);
    const place = below(before.length + 1);
    switch (below(7)) {
      case 0:
        return { entries: before, now: pick([pick(INSTANTS), now + Math.floor((chance() - 0.5) * 86_400_000)]) };
      case 1:
        return { entries: before.toSpliced(place, 0, entry), now };
      case 2:
        return { entries: before.toSpliced(place, 1 + below(before.length)), now };
      case 3:
        return { entries: before.toSpliced(place, 1, { ...before[place], ...pickMembers(entry) }), now };
      case 4:
        return { entries: before.map((one) => ({ ...one, ...pickMembers(entry) })), now };
      case 5:
        return { entries: [...before.slice(0, place), ...other.entries.slice(below(other.entries.length))], now };
      default:
        return { entries: [...before, ...Array.from({ length: 200 }, () => pick(windows))], now };
    }
  }

  function pickMembers(entry: Entry): Entry {
    return Object.fromEntries(Object.entries(entry).filter(() => chance() < 0.5));
  }
}

/** Texts that are refused cost little, too: what a change made of a window need not be one. */
function stepsOf(text: string, now: number): Promise<number> {
  return work.during(() => evaluate(text, now));
}

/** The least of three, since another thread's work may be counted. */
async function cpuOf(text: string, now: number): Promise<number> {
  const spent: number[] = [];
  for (let times = 0; times < 3; times++) {
    const before = process.cpuUsage();
    await evaluate(text, now);
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1_000);
  }
  return Math.min(...spent);
}

async function evaluate(text: string, now: number): Promise<void> {
  const parsed = parseWindows(text);
  if (parsed.kind === 'fault') return;
  const { stateAt } = await createCalendar(parsed.document.windows, FUNCTION);
  stateAt(now);
}
