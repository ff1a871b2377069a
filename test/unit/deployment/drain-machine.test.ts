import validate from 'asl-validator';
import { expect, it } from 'vitest';
import { drainMachine, STRETCHES_AN_EXECUTION } from '../../../core/deployment/drain-machine.ts';
import { DAY_MS, MINUTE_MS } from '../../../core/units.ts';

const ARN = 'arn:aws:lambda:eu-south-1:123456789012:function:drain';

function faultsOf(definition: object): string {
  return validate(definition, { checkPaths: true, checkArn: true }).errorsText();
}

type States = Record<string, { Next?: string; End?: true; ItemProcessor?: { States: States } }>;

it('its text is a state machine', () => {
  expect(faultsOf(drainMachine({ functionArn: ARN }))).toBe('');
});

it('a state that leads nowhere would be found', () => {
  const machine = drainMachine({ functionArn: ARN }) as { States: States };
  const share = machine.States['Drain']?.ItemProcessor?.States ?? {};
  expect(
    faultsOf({ ...machine, States: { ...machine.States, Begin: { ...machine.States['Begin'], Next: 'Nowhere' } } }),
  ).toMatch(/Nowhere/);
  Object.assign(share['Hold'] ?? {}, { Next: 'Nowhere' });
  expect(faultsOf(machine)).toMatch(/Nowhere/);
});

it('the history of a share has room for a second try of every other stretch, and for a day without room at Lambda', () => {
  const [task, retry, choice, wait] = [5, 3, 2, 2];
  const ofDay = retry * (DAY_MS / MINUTE_MS);
  expect(STRETCHES_AN_EXECUTION * (task + retry / 2 + choice + wait) + ofDay).toBeLessThan(25_000);
});
