/** One evaluator: what the tool writes means the same to whoever reads it. */
import { App, Stack } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { createSsmWindowSource } from '../../../../aws/windows/window-source.ts';
import { readConfig } from '../../../../core/gate/config.ts';
import { windowsText } from '../../../../infra/parts/stack-windows.ts';
import { iso, NO_WINDOWS, windowOperatorForEach } from '../../../worlds/window-operator.ts';

const operator = windowOperatorForEach();

/** Some windows of every kind, through the tool. */
async function writeWindows(): Promise<string> {
  await operator.put(NO_WINDOWS);
  const rome = ['--timezone', 'Europe/Rome', '--for', '3h', '--reason', 'weekly'];
  const newYork = ['--timezone', 'America/New_York', '--for', '10m', '--function', 'orders-api'];
  operator.lambda.alsoRead = operator.parameter;
  for (const words of [
    ['begin', '--for', '1h', '--reason', 'now', '--function', 'orders-*'],
    ['schedule', 'add', 'cron(30 2 ? * SUN *)', ...rome],
    ['schedule', 'add', 'cron(0/20 1-3 * * ? *)', ...newYork],
    ['schedule', 'add', 'at(2040-03-25T02:30:00)', ...rome],
  ]) {
    expect(await operator.piped(words)).toMatchObject({ code: 0 });
  }
  return operator.text();
}

it('in the runtime, at every instant at which something changes', async () => {
  await writeWindows();
  const windows = createSsmWindowSource({
    environment: {
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'function',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_SSM: operator.ssmUrl,
    },
    config: readConfig({ MAINTENANCE_WINDOW_PARAMETER: operator.parameter }),
    functionName: 'orders-api',
    clock: { now: Date.now, random: Math.random },
    log: { write: () => undefined },
  });
  await windows.start();

  let changes = 0;
  for (let at = Date.now(); changes < 12; changes += 1) {
    const { active, validUntil } = windows.reading.stateAt(at);
    const told = await operator.json(['status', '--function', 'orders-api', '--at', new Date(at).toISOString()]);
    expect(told.active, new Date(at).toISOString()).toBe(active !== undefined);
    if (active?.endAt) {
      expect(told.maintenance[0]).toMatchObject({ since: iso(active.startAt), until: iso(active.endAt) });
    }
    const { next } = await operator.json(['next', '--function', 'orders-api', '--count', '1']);
    expect(windows.reading.stateAt(Date.parse(next[0].start)).active).toBeDefined();
    at = validUntil;
  }
});

it('in check, and in the synth of a stack', async () => {
  const text = await writeWindows();
  const { canonical, windows } = await operator.json(['check', '-'], { input: text });
  expect(windows).toBe(4);
  expect(windowsText(new Stack(new App()), JSON.parse(text).windows, {})).toBe(canonical);
  // the tool itself writes nothing but the canonical form into a document of its own
  expect(text).toBe(canonical);
});
