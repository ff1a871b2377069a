/** Executions of the drain, over a Step Functions on loopback. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExecutions, type Executions } from '../../../aws/drain/executions.ts';
import {
  answers,
  fails,
  operationOf,
  type ScriptedService,
  startScriptedService,
} from '../../fakes/scripted-service.ts';
import { STAND_IN } from '../events/event-store-table.ts';

const MACHINE = 'arn:aws:states:eu-south-1:111122223333:stateMachine:drain';

let stepFunctions: ScriptedService;
let executions: Executions;
beforeAll(async () => {
  stepFunctions = await startScriptedService(() => fails(400, 'NotYet'));
  executions = createExecutions({ ...STAND_IN, endpoint: stepFunctions.url }, MACHINE);
});
afterAll(async () => {
  executions.close();
  await stepFunctions.close();
});

describe('an execution of the drain', () => {
  it('starts by its name, with its input', async () => {
    stepFunctions.behave(() => answers(200, { executionArn: `${MACHINE}:one`, startDate: 1_795_000_000 }));
    expect(await executions.start('orders-3f9a1c', { functionName: 'orders' })).toBe('started');
    const request = stepFunctions.requests.at(-1);
    expect(request && operationOf(request)).toBe('StartExecution');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      stateMachineArn: MACHINE,
      name: 'orders-3f9a1c',
      input: '{"functionName":"orders"}',
    });
  });

  it('does not start again under a name that is taken', async () => {
    stepFunctions.behave(() => fails(400, 'ExecutionAlreadyExists', { message: 'Execution Already Exists' }));
    expect(await executions.start('orders-3f9a1c', {})).toBe('already');
  });

  it('says how it is, and that there is none', async () => {
    const execution = `${MACHINE.replace('stateMachine', 'execution')}:one`;
    stepFunctions.behave(() => answers(200, { executionArn: execution, status: 'ABORTED' }));
    expect(await executions.look(execution)).toBe('ABORTED');
    const request = stepFunctions.requests.at(-1);
    expect(request && operationOf(request)).toBe('DescribeExecution');
    expect(JSON.parse(request?.body ?? '')).toEqual({ executionArn: execution });
    stepFunctions.behave(() => fails(400, 'ExecutionDoesNotExist', { message: 'no' }));
    expect(await executions.look(execution)).toBeUndefined();
    stepFunctions.behave(() => fails(400, 'AccessDeniedException', { message: 'no' }));
    await expect(executions.look(execution)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('rejects where the machine is not there', async () => {
    stepFunctions.behave(() => fails(400, 'StateMachineDoesNotExist', { message: 'no' }));
    await expect(executions.start('orders-3f9a1c', {})).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});
