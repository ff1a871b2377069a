import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../core/units.ts';
import { activeDocument, iso, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();
const windows = async () => JSON.parse(await operator.text()).windows;
const TOO_OLD = 'a client that is too old for that refuses the whole parameter and goes on with the version before';

describe('what becomes of the backlog', () => {
  it('is said of a window as it begins, once with a warning, and shown wherever the window is', async () => {
    await operator.put(activeDocument());
    const replay = { rate: '50/s', canary: 20 };
    const words = ['begin', '--for', '1h', '--function', 'orders-*', '--yes', '--replay'];
    const begun = await operator.json([...words, JSON.stringify(replay)]);
    expect(begun).toMatchObject({ code: 0, written: true, window: { replay } });
    expect(begun.err).toContain(`says how its events are replayed, and ${TOO_OLD}`);
    expect((await windows()).at(-1)).toMatchObject({ replay });

    const status = await operator.piped(['status']);
    expect(status.out).toMatch(/REPLAY\n/);
    expect(status.out).toMatch(/by itself, rate 50\/s, canary 20\n/);
    const again = await operator.json([...words, 'auto']);
    expect(again.err).not.toContain(TOO_OLD);
    expect((await windows()).at(-1)).toMatchObject({ replay: {} });
  });

  it('is changed and taken away by an edit, and kept by one of something else', async () => {
    const start = iso(Date.now() + DAY_MS);
    const added = await operator.json([
      'schedule',
      'add',
      '--start',
      start,
      '--for',
      '2h',
      '--replay',
      'manual',
      '--yes',
    ]);
    expect(added).toMatchObject({ code: 0, window: { replay: 'manual' } });
    const { id } = added.window;
    await operator.json(['schedule', 'edit', id, '--for', '3h', '--yes']);
    expect(await windows()).toMatchObject([{ replay: 'manual' }]);
    await operator.json(['schedule', 'edit', id, '--replay', '{"ordered":true}', '--yes']);
    expect(await windows()).toMatchObject([{ replay: { ordered: true } }]);
    expect((await operator.piped(['next'])).out).toMatch(/by itself, ordered\n/);
    const edited = await operator.json(['schedule', 'edit', id, '--no-replay', '--yes']);
    expect(edited).toMatchObject({ code: 0, before: { replay: { ordered: true } } });
    expect((await windows())[0]).not.toHaveProperty('replay');
  });

  it('is refused before anything is asked where the words are none', async () => {
    const { code, err } = await operator.piped(['begin', '--replay', '{"rate":"fast"}']);
    expect(code).toBe(64);
    expect(err).toContain('Write manual, auto, or JSON as a window has it: it.rate: "fast" is no rate');
  });

  it('is shown as the policy of another parameter has it; a fault in it is told, and the windows hold', async () => {
    const policy = { replay: { rate: '5/s' } };
    await operator.put(JSON.stringify({ ...JSON.parse(activeDocument()), policy }));
    const good = await operator.json(['status']);
    expect(good.windows).toMatchObject([policy]);
    await operator.put(JSON.stringify({ ...JSON.parse(activeDocument()), policy: { replay: { rate: 5 } } }));
    const { code, active, err } = await operator.json(['status']);
    expect({ code, active }).toEqual({ code: 0, active: true });
    expect(err).toContain(
      '(policy.replay.rate: 5 is no rate; write events a second, such as "50/s"): its windows hold',
    );
    expect((await operator.json(['begin', '--yes'])).code).toBe(0);
  });
});
