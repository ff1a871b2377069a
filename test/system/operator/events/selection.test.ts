/** Which events are meant: words that contradict each other, or name nothing, are told before anything is asked or done. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LambdaFunctions, startLambdaFunctions } from '../../../fakes/lambda-functions.ts';
import { buildCli, runCli } from '../../../worlds/cli.ts';
import { type CliWorld, startCliWorld } from '../../../worlds/replay-cli.ts';

let world: CliWorld;
let lambda: LambdaFunctions;
beforeAll(async () => {
  buildCli();
  [world, lambda] = await Promise.all([
    startCliWorld(),
    startLambdaFunctions([{ FunctionName: 'quiet-function', Timeout: 3, PackageType: 'Image' }]),
  ]);
});
afterAll(async () => {
  await Promise.all([world.close(), lambda[Symbol.asyncDispose]()]);
});
beforeEach(() => {
  world.begin();
  lambda.mayList = true;
});

const run = (...words: string[]) =>
  runCli(words, { environment: { ...world.environment, AWS_ENDPOINT_URL_LAMBDA: lambda.url } });

const EARLIER = '2026-11-21T00:00:00Z';
const LATER = '2026-11-22T00:00:00Z';
/** Takes a selection, and changes nothing that is left. */
const SELECTING = [
  ['events', 'list'],
  ['events', 'list', '--count'],
  ['events', 'export'],
  ['replay'],
  ['replay', '--dry-run'],
];
const DISCARD = ['events', 'discard', '--yes'];

describe.each([...SELECTING, DISCARD].map((words) => [words]))('%j', (words) => {
  it.each([
    [
      'a time that ends before it begins',
      ['--from', LATER, '--until', EARLIER],
      /--from \S+ is not before --until \S+: nothing is between them/,
    ],
    ['a time that ends as it begins', ['--from', EARLIER, '--until', EARLIER], /nothing is between them/],
    ['a window that is no word', ['--window', ' '], /--window says nothing/],
    ['a window whose start is no instant', ['--window', '2026-11-31T00:00:00Z'], /--window: "2026-11-31T00:00:00Z" /],
    ['an unknown source', ['--source', 'typo'], /--source.*'typo' is invalid/],
    ['an unknown status', ['--status', 'typo'], /--status.*'typo' is invalid/],
  ])('refuses %s', async (_what, more, message) => {
    const { code, out, err } = await run(...words, ...more);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
  });

  it('takes any instants in their order, and a word twice', async () => {
    await world.storeMany(1);
    for (const [from = '', until = ''] of [
      ['2026-01-01T00:00:00Z', '2290-01-01T00:00:00Z'], // an instant of one more digit
      ['2290-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
      ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z'],
    ]) {
      const { code, err } = await run(...words, '--from', from, '--until', until);
      const isToCome = words === DISCARD && from.startsWith('2290');
      expect({ from, code, err: err.replace(/^note: .*\n/, '') }).toMatchObject(
        isToCome ? { code: 64 } : { code: 0, err: '' },
      );
    }
    const twice = ['--status', 'pending', 'pending', '--source', 'direct', 'direct', '--until', '9999-12-31T23:59:59Z'];
    expect(await run(...words, ...twice)).toMatchObject({ code: 0 });
  });

  it('names a function that nobody has, and takes one that has deferred nothing', async () => {
    await world.storeMany(1);
    for (const functions of [['typo'], ['typo-*'], [world.functionName, 'typo']]) {
      const { code, out, err } = await run(...words, '--function', ...functions);
      expect({ code, out }).toEqual({ code: 66, out: '' });
      expect(err).toMatch(/: no function typo\S* ever deferred an event; these did: .*orders/);
    }
    const quiet = await run(...words, '--function', 'quiet-function');
    expect(quiet).toMatchObject({ code: 0 });
    expect(`${quiet.out}${quiet.err}`).toMatch(/No event|0 events exported/);

    lambda.mayList = false;
    const { code, err } = await run(...words, '--function', 'quiet-*');
    expect(code).toBe(66);
    expect(err).toContain('whether it exists could not be checked (lambda:ListFunctions is not allowed)');
  });
});

describe('events list', () => {
  it.each([
    ['no place', ['--after', 'foo'], /--after: "foo" is no place; write the one that the page before ends with/],
    ['an empty place', ['--after', ''], /--after: "" is no place/],
    ['a place without an event', ['--after', '1763683200000#'], /is no place/],
    ['a place of no event that there can be', ['--after', '1763683200000#a b'], /is no place/],
    ['a place behind the last that there can be', ['--after', '9999999999999#a'], /is no place/],
    ['a place behind the end', ['--after', '1800000000000#a', '--until', LATER], /--after is behind --until/],
    ['a page of a count', ['--after', '1763683200000#a', '--count'], /--count counts all: leave it out, or --after/],
    ['a limit of a count', ['--limit', '5', '--count'], /--count counts all: leave it out, or --limit/],
  ])('refuses %s', async (_what, more, message) => {
    const { code, out, err } = await run('events', 'list', ...more);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
  });

  it('goes on behind a place that is before --from', async () => {
    await world.storeMany(2);
    const words = ['--after', '1763683200000#a', '--from', '2026-01-01T00:00:00Z', '--function', world.functionName];
    const { code, out } = await run('events', 'list', '-o', 'json', ...words);
    expect(code).toBe(0);
    expect(JSON.parse(out).events).toHaveLength(2);
  });
});

describe('events discard', () => {
  it.each([
    ['everything and a filter', ['--all', '--source', 's3'], /say which events to discard in one way/],
    ['ids and a filter', ['some-id', '--source', 's3'], /say which events to discard in one way/],
    ['ids and everything', ['some-id', '--all'], /say which events to discard in one way/],
    ['nothing', [], /say which events to discard in one way/],
    ['what is dealt with', ['--status', 'replayed'], /--status replayed: .* is dealt with/],
    ['a reason that is none', ['--all', '--reason', ' '], /--reason says nothing/],
    ['what is still to come', ['--from', '2090-01-01T00:00:00Z'], /is still to come/],
  ])('refuses %s, and discards nothing', async (_what, more, message) => {
    const [id = ''] = await world.storeMany(1);
    const { code, out, err } = await run(...DISCARD, ...more);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toMatch(message);
    expect(await world.statusOf(id)).toBe('pending');
  });
});

describe('an id', () => {
  it.each([[['events', 'show']], [DISCARD], [['replay']]])('%j ends with 66 for one that cannot be', async (words) => {
    for (const id of ['', ' ', 'x'.repeat(3_000), `orders#${'x'.repeat(3_000)}`, 'a\nb', '#', '##', 'orders#']) {
      const { code, out, err } = await run(...words, id);
      expect({ id, code, out }).toEqual({ id, code: 66, out: '' });
      expect(err).toMatch(/there is no event/);
    }
  });
});
