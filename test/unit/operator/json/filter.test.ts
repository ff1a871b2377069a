import { describe, expect, it } from 'vitest';
import { createFilter } from '../../../../operator/cli/json/filter.ts';

const EVENT = JSON.stringify({ id: 'a', error: 'x\ty\n', attempts: 2, tags: ['b', null] });

async function results(expression: string, ...inputs: readonly string[]): Promise<readonly unknown[]> {
  const { results, fault } = (await createFilter(expression))(inputs.length > 0 ? inputs : [EVENT]);
  expect(fault).toBeUndefined();
  return results.map((text) => JSON.parse(text));
}

describe('a filter', () => {
  // https://jqlang.org/manual/v1.8/
  it.each([
    ['.id', ['a']],
    ['.none', [null]],
    ['.tags[]', ['b', null]],
    ['{id, n: (.attempts + 1)}', [{ id: 'a', n: 3 }]],
    ['[.id, .error] | @tsv', ['a\tx\\ty\\n']],
    ['.id as $x | "\\($x)-\\(.attempts)"', ['a-2']],
    ['to_entries | map(.key) | join(",")', ['id,error,attempts,tags']],
    ['.error | test("^x\\\\s")', [true]],
    ['empty', []],
    ['def twice: . * 2; .attempts | twice', [4]],
    ['reduce range(5) as $n (0; . + $n)', [10]],
    ['try (.id | tonumber) catch "none"', ['none']],
    ['"2026-11-21T00:00:00Z" | fromdate', [1_795_219_200]],
    ['-(.attempts)', [-2]],
    ['[limit(3; repeat("x"))] | length', [3]],
    ['"é日"', ['é日']],
  ])('%s is what jq makes of it', async (expression, expected) => {
    expect(await results(expression)).toEqual(expected);
  });

  it('takes each input by itself', async () => {
    expect(await results('.n * 2', '{"n":1}', '{"n":2}', '{"n":3}')).toEqual([2, 4, 6]);
  });

  it('sees nothing of this process: no variable, and no file', async () => {
    process.env['FILTER_TEST_SECRET'] = 'secret';
    expect(await results('env.FILTER_TEST_SECRET, $ENV.FILTER_TEST_SECRET')).toEqual([null, null]);
    await expect(createFilter('include "/etc/passwd"; .')).rejects.toThrow(/^--jq: module not found/);
  });

  it('is no option of jq, whatever it begins with', async () => {
    await expect(createFilter('--version')).rejects.toThrow(/^--jq: version\/0 is not defined/);
    await expect(createFilter('-n')).rejects.toThrow(/^--jq: n\/0 is not defined/);
  });
});

describe('an expression that jq cannot compile', () => {
  it.each([
    ['.a[', 'syntax error, unexpected end of file, line 1, column 3: "["'],
    ['.a | ', 'syntax error, unexpected end of file, line 1, column 5: its end'],
    ['.a | foo(1)', 'foo/1 is not defined, line 1, column 6: "foo"'],
    ['.a\n  | bar', 'bar/0 is not defined, line 2, column 5: "bar"'],
    ['"é" | $x', '$x is not defined, line 1, column 7: "$x"'],
    ['', 'Top-level program not given (try ".")'],
  ])('%j is refused with its place', async (expression, expected) => {
    await expect(createFilter(expression)).rejects.toMatchObject({
      name: 'MaintenanceWindow.Usage',
      message: expect.stringContaining(`--jq: ${expected}`),
    });
  });
});

describe('an expression that fails on what it is given', () => {
  const failing = async (expression: string, ...inputs: readonly string[]) =>
    (await createFilter(expression))(inputs.length > 0 ? inputs : [EVENT]);

  it('says why, behind the results before it', async () => {
    expect(await failing('1, .id.x, 2')).toEqual({
      results: ['1'],
      remarks: '',
      fault: 'Cannot index string with string ("x")',
    });
  });

  it('goes on with the next input', async () => {
    expect(await failing('.a.b', '{"a":1}', '{"a":{"b":2}}', '{"a":"s"}', '{}')).toEqual({
      results: ['2', 'null'],
      remarks: '',
      fault: 'Cannot index number with string ("b")',
    });
  });

  it.each([
    ['error("p\\nq")', 'p\nq'],
    ['error(null)', 'null'],
    ['"bye" | halt_error', 'bye'],
    ['"" | halt_error(9)', 'it ended itself with 9'],
  ])('%s has its own words', async (expression, fault) => {
    expect(await failing(expression)).toEqual({ results: [], remarks: '', fault });
  });

  it('is told from what the expression says by the way', async () => {
    expect(await failing('debug | .attempts')).toEqual({
      results: ['2'],
      remarks: `["DEBUG:",${EVENT}]`,
    });
    const { remarks, fault } = await failing('(1 | debug) | .x');
    expect({ remarks, fault }).toEqual({ remarks: '["DEBUG:",1]', fault: 'Cannot index number with string ("x")' });
  });

  it('is no defect of the tool where it takes all memory', async () => {
    const { results, fault } = await failing('[.attempts] | .[0] * 1000000000 | . as $n | "x" * $n | length');
    expect({ results, fault }).toEqual({
      results: [],
      fault: expect.stringMatching(/^it takes more memory than jq has/),
    });
  });
});
