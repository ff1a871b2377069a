import { describe, expect, it } from 'vitest';
import { createView, type TypedView } from '../../../../operator/cli/json/view.ts';
import { createJsonWriter } from '../../../../operator/cli/json/writer.ts';

const view = (path: string, typed: TypedView, { said = '', isTerminal = false } = {}) =>
  createView(path, typed, (flag) => flag === said, isTerminal);

async function written(path: string, typed: TypedView, json: object, isTerminal = false): Promise<string> {
  const made = await view(path, typed, { isTerminal });
  return made.wholeResult(made.whole(json)).results.join('\n');
}

describe('the fields that are named', () => {
  it('are those of the rows, in that order, null where a row has none', async () => {
    const json = {
      events: [
        { id: 'a', status: 'failed', lastError: 'x' },
        { id: 'b', status: 'pending' },
      ],
      next: 'p',
    };
    expect(await written('events list', { json: 'status, lastError,id' }, json)).toBe(
      '[{"status":"failed","lastError":"x","id":"a"},{"status":"pending","lastError":null,"id":"b"}]',
    );
  });

  it('are those of the object where a command writes one', async () => {
    expect(await written('status', { json: 'active' }, { at: 'now', active: true })).toBe('{"active":true}');
  });

  it('are those of the form that the options say', async () => {
    const made = await view('events list', { json: 'bytes,events' }, { said: '--count' });
    expect(made.whole({ events: 2, bytes: 9, groups: [] })).toBe('{"bytes":9,"events":2}');
    await expect(view('events list', { json: 'id' }, { said: '--count' })).rejects.toThrow(/no field "id"/);
  });

  it('leave out the lines of another kind', async () => {
    const made = await view('replay', { json: 'id,error' });
    expect(made.line({ id: 'a', outcome: 'replayed' })).toBe('{"id":"a","error":null}');
    expect(made.line({ summary: { replayed: 1 } })).toBeUndefined();
    const whole = await view('replay', { jq: '.' });
    expect(whole.line({ summary: {} })).toBe('{"summary":{}}');
  });

  it.each<[string, string | true, string]>([
    ['config', true, 'name fields, commas between: option, value, from'],
    ['config', ' , ', 'name fields, commas between: option, value, from'],
    ['config', 'valu', 'there is no field "valu": did you mean value? there are option, value, from'],
    ['config', 'value,zzz', 'there is no field "zzz"; there are option, value, from'],
    ['config', '__proto__', 'there is no field "__proto__"; there are option, value, from'],
    ['help', 'id', 'help writes no JSON: leave it out'],
  ])('of %s %j are refused with those that there are', async (path, json, expected) => {
    await expect(view(path, { json })).rejects.toMatchObject({
      name: 'MaintenanceWindow.Usage',
      message: `--json: ${expected}`,
    });
  });

  it('and a filter are for JSON alone', async () => {
    await expect(view('config', { jq: '.', output: 'table' })).rejects.toThrow('--jq and -o table are two forms');
    await expect(view('events show', { jq: '.' }, { said: '--body' })).rejects.toThrow(
      '--jq: events show writes no JSON with --body: leave it out',
    );
  });
});

describe('what a filter gives', () => {
  const json = { settings: [{ option: '--table', value: 'a\u001b[31m\tb\n' }] };

  it('is of the fields that are named, or of all that -o json has', async () => {
    expect(await written('config', { json: 'option', jq: '.[0]' }, json)).toBe('{"option":"--table"}');
    expect(await written('config', { jq: '.settings | length' }, json)).toBe('1');
  });

  it('has texts raw in a pipe, and JSON that is harmless', async () => {
    expect(await written('config', { jq: '.settings[0].value' }, json)).toBe('a\u001b[31m\tb\n');
    expect(await written('config', { jq: '[.settings[0].value]' }, json)).toBe('["a\\u001b[31m\\tb\\n"]');
    expect(await written('config', { jq: '["\\u202e"]' }, json)).toBe('["\\u202e"]');
  });

  it('is JSON in lines on a terminal, with tabs as columns', async () => {
    expect(await written('config', { json: 'option' }, json, true)).toBe('[\n  {\n    "option": "--table"\n  }\n]');
    expect(await written('config', { jq: '"a\\tbb\\tc", "12345678\\tx"' }, json, true)).toBe(
      'a       bb      c\n12345678        x',
    );
  });
});

describe('lines', () => {
  const outlets = () => {
    const texts: string[] = [];
    const fails: string[] = [];
    const write = async (text: string) => void texts.push(text);
    return { texts, fails, write, remark: () => undefined, fail: (why: string) => void fails.push(why) };
  };

  it('are filtered many at a time, and all are written in the end', async () => {
    const out = outlets();
    const made = await view('replay', { jq: '.id' });
    let runs = 0;
    const counting = {
      ...made,
      results: (inputs: readonly string[]) => {
        runs += 1;
        return made.results(inputs);
      },
    };
    const writer = createJsonWriter(counting, out);
    for (let n = 0; n < 1_000; n += 1) writer.line({ id: n });
    expect(writer.end()).toBe(false);
    expect(out.texts.join('')).toBe(Array.from({ length: 1_000 }, (_, n) => `${n}\n`).join(''));
    expect(runs).toBeLessThan(10);
  });

  it('wait for room once there are many characters', async () => {
    const out = outlets();
    const writer = createJsonWriter(await view('events export', { json: 'id,text' }), out);
    for (let n = 0; n < 3; n += 1) await writer.lineWithRoom({ id: n, text: 'x'.repeat(600_000) });
    expect(out.texts).toHaveLength(1);
    writer.end();
    expect(out.texts.join('').match(/"id":/g)).toHaveLength(3);
  });

  it('tell of a filter that failed once, and that it did', async () => {
    const out = outlets();
    const writer = createJsonWriter(await view('replay', { jq: '.id.x' }), out);
    writer.line({ id: 1 });
    writer.line({ id: 2 });
    expect(writer.end()).toBe(true);
    writer.line({ id: 3 });
    writer.end();
    expect(out).toMatchObject({ texts: [], fails: ['Cannot index number with string ("x")'] });
  });

  it('are left out where a filter shows the same as before', async () => {
    const out = outlets();
    const writer = createJsonWriter(await view('status', { jq: '.active' }), out);
    for (const active of [false, false, true, true, false]) writer.change({ active });
    expect(out.texts).toEqual(['false\n', 'true\n', 'false\n']);
  });
});
