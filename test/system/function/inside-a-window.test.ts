import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE_EVENTS } from '../../data/events.ts';
import { buildCli, runCli } from '../../worlds/cli.ts';
import { type RunningFunction, runFunction } from '../../worlds/emulator.ts';
import { LAYOUTS } from '../../worlds/managed-runtime.ts';
import { type Surroundings, sha256, startSurroundings } from '../../worlds/surroundings.ts';
import { EXAMPLE_WINDOW, holdsExamplesInside, holdsExamplesOutside, invoke } from '../example-events.ts';

/** The handler leaves a file when it is called, and answers with what it was given. */
const CODE = `import { writeFileSync } from 'node:fs';
export const handler = async (event) => {
  writeFileSync(process.env.LAMBDA_TASK_ROOT + '/called', '');
  return { handled: event };
};`;

for (const { layout, skipped, prepare } of LAYOUTS)
  describe.skipIf(skipped)(layout, () => {
    let prepared: ReturnType<typeof prepare>;
    let aws: Surroundings;
    let underTest: RunningFunction;
    beforeAll(async () => {
      prepared = prepare();
      aws = await startSurroundings(JSON.stringify(EXAMPLE_WINDOW));
      underTest = await runFunction({
        code: CODE,
        command: [...prepared.client.command, 'index.handler'],
        environment: { ...aws.environment, MAINTENANCE_WINDOW_TTL: '1' },
      });
    });
    afterAll(async () => {
      await underTest.close();
      await aws[Symbol.asyncDispose]();
      prepared[Symbol.dispose]();
    });

    const world = () => ({ aws, underTest });
    const invoked = (text: string) => invoke(underTest, text);

    describe('inside a window, under the real emulator', () => holdsExamplesInside(world));

    describe('the client’s version, under the real emulator', () => {
      const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
      const tool = (...words: string[]) => runCli(words, { environment: aws.environment });

      it('stands in each line that it writes', () => {
        const lines = underTest.lines.filter((line) => /"maintenanceWindow":|"_aws":/.test(line));
        expect(lines.length).toBeGreaterThan(EXAMPLE_EVENTS.length);
        for (const line of lines) expect(line).toContain(`"clientVersion":"${version}"`);
      });

      it('stands in what it stores, and the tool shows it', async () => {
        buildCli();
        const { requestId = '' } = await invoked('{"order":1}');
        expect((await aws.eventItem(requestId))?.['clientVersion']?.S).toBe(version);
        const shown = await tool('events', 'show', requestId);
        expect(shown.out.replaceAll(/ {2,}/g, ' ')).toContain(`\nclientVersion ${version}\n`);
        expect(JSON.parse((await tool('events', 'show', requestId, '-o', 'json')).out)).toMatchObject({
          clientVersion: version,
        });
        const status = JSON.parse((await tool('status', '-o', 'json')).out);
        expect(status).toMatchObject({ active: true, toolVersion: version, functions: [{ clientVersion: version }] });
        expect((await tool('status')).out).not.toContain(version);
      });
    });

    describe('under rules, under the real emulator', () => {
      const rules = [
        { match: { warm: [true] }, do: 'answer', reply: { text: 'warm' } },
        { match: { read: [{ exists: true }] }, do: 'dispatch' },
      ];

      it('does with an event what the first rule says that it matches, and with all others what it did', async () => {
        await aws.setWindows(JSON.stringify({ ...EXAMPLE_WINDOW, policy: { rules } }));
        while ((await invoked('{"warm":true}')).failed) await new Promise((go) => setTimeout(go, 100));
        const warm = await invoked('{"warm":true}');
        expect([warm.called, warm.failed, warm.payload.toString()]).toEqual([false, false, '{"text":"warm"}']);
        expect(await aws.eventItem(warm.requestId ?? '')).toBeUndefined();
        expect(
          underTest.lines.some((line) => line.includes('"maintenanceWindow":"answer"') && line.includes('"rule":0')),
        ).toBe(true);

        expect(await invoked('{"read":"stock"}')).toMatchObject({ called: true, failed: false });
        const order = await invoked('{"order": 9007199254740993}');
        expect([order.called, order.failed]).toEqual([false, true]);
        expect(sha256(await aws.storedBytes(order.requestId ?? ''))).toBe(sha256('{"order": 9007199254740993}'));
      });
    });

    describe('outside a window, under the real emulator', () => holdsExamplesOutside(world));
  });
