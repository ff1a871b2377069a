import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import {
  DRAIN_MEMORY_MB,
  DRAIN_TIMEOUT_SECONDS,
  drainMachine,
  MACHINE_ACTIONS,
} from '../core/deployment/drain-machine.ts';
import type { Grounds } from './parts/permissions.ts';
import { markAsMonitor } from './parts/protected-function.ts';
import { type UnattendedFunctionProps, unattendedFunction } from './parts/unattended-function.ts';

/** What can be chosen about the drain. */
export type DrainProps = UnattendedFunctionProps;

/** A state machine that replays a backlog by itself, and the function that does each stretch of it. */
export class Drain extends Construct {
  readonly function: lambda.Function;
  /** Of the function: what it may do is granted to it, as to an operator. */
  readonly role: iam.Role;
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, grounds: Grounds, props: DrainProps) {
    super(scope, id);
    const { fn, role } = unattendedFunction(this, grounds, props, {
      bundle: 'drain',
      description: 'Replays deferred events, one stretch of a replay after the other.',
      timeout: Duration.seconds(DRAIN_TIMEOUT_SECONDS),
      memorySize: DRAIN_MEMORY_MB,
    });
    [this.function, this.role] = [fn, role];
    markAsMonitor(fn);
    const stack = Stack.of(this);
    const machineRole = new iam.Role(this, 'MachineRole', {
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
    });
    machineRole.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: [...MACHINE_ACTIONS.function], resources: [fn.functionArn] }),
    );
    const { functionArn } = fn;
    this.stateMachine = new sfn.StateMachine(this, 'Machine', {
      comment: 'Replays deferred events until none is left.',
      definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString(drainMachine({ functionArn }))),
      role: machineRole,
    });
    allowChildren(this, machineRole, this.stateMachine);
  }
}

/** A policy apart: the machine waits for its role, and names itself here. */
function allowChildren(scope: Construct, role: iam.Role, machine: sfn.StateMachine): void {
  const executions = Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machine.stateMachineName}/*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  new iam.Policy(scope, 'Children', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({ actions: [...MACHINE_ACTIONS.machine], resources: [machine.stateMachineArn] }),
      new iam.PolicyStatement({ actions: [...MACHINE_ACTIONS.executions], resources: [executions] }),
    ],
  });
}
