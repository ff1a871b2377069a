import type { TableUpkeep } from '../../aws/events/table-upkeep.ts';
import { otherLayout } from '../../core/deployment/table-layout.ts';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { TTL_ATTRIBUTE } from '../../core/events/table.ts';
import { windowsToText } from '../../core/windows/window.ts';
import type { Operator } from '../access/operator.ts';
import { OperatorFault } from '../access/remedy.ts';
import { openTableUpkeep } from '../access/table.ts';
import { refuseNeverMade } from './deployment.ts';

/** One thing that a first try needs. */
export interface Step {
  readonly what: 'table' | 'time to live' | 'point-in-time recovery' | 'parameter';
  /** Of the table, or of the parameter. */
  readonly name: string;
  readonly isThere: boolean;
}

/** What became of a step. */
export type Applied = Step & {
  readonly outcome: 'made' | 'there already' | { readonly failed: MaintenanceWindowError };
};

/** Steps that are to be made, and how. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Makes what is not there, in order. What fails is told, and whatever does not rest on it is made all the same. */
  make(): Promise<readonly Applied[]>;
  close(): void;
}

/**
 * Looks what of the table and the window parameters is there already.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Malformed` for a table of another layout, and for one of these names that
 *   cannot be made: an ARN; `MaintenanceWindow.Usage` for a parameter that SSM lets nobody make
 */
export async function planSetup(operator: Operator): Promise<Plan> {
  const { parameters, table } = operator.settings;
  refuseNeverMade(parameters);
  const upkeep = await openTableUpkeep(operator);
  try {
    const store = await operator.parameters();
    const [ofTable, ofParameters] = await Promise.all([
      tableSteps(upkeep, table),
      Promise.all(parameters.map(async (name) => parameterStep(name, (await store.read(name)) !== undefined))),
    ]);
    const steps = [...ofTable, ...ofParameters];
    const makers: Readonly<Record<Step['what'], (name: string) => Promise<unknown>>> = {
      table: upkeep.create,
      'time to live': upkeep.setTimeToLive,
      'point-in-time recovery': upkeep.setPointInTimeRecovery,
      parameter: (name) => store.create(name, NO_WINDOWS),
    };
    return { steps, make: () => makeAll(steps, makers), close: upkeep.close };
  } catch (fault) {
    upkeep.close();
    throw fault;
  }
}

const NO_WINDOWS = windowsToText({ form: 'document', windows: [], policy: {} });

async function tableSteps(upkeep: TableUpkeep, name: string): Promise<readonly Step[]> {
  const found = await upkeep.describe();
  const why = found && otherLayout(found.shape);
  if (why !== undefined) {
    throw new OperatorFault('MaintenanceWindow.Malformed', `the table ${name} ${why}: it is another one’s`, {
      kind: 'taken-table',
    });
  }
  if (!found && name.startsWith('arn:')) throw notByArn('table', name);
  const timeToLive = found ? await upkeep.timeToLive() : undefined;
  return [
    { what: 'table', name, isThere: found !== undefined },
    found
      ? { what: 'time to live', name, isThere: timeToLive === TTL_ATTRIBUTE }
      : // of a table that was there before it is its owner's to decide on, and to pay for
        { what: 'point-in-time recovery', name, isThere: false },
  ];
}

function parameterStep(name: string, isThere: boolean): Step {
  if (!isThere && name.startsWith('arn:')) throw notByArn('parameter', name);
  return { what: 'parameter', name, isThere };
}

async function makeAll(
  steps: readonly Step[],
  makers: Readonly<Record<Step['what'], (name: string) => Promise<unknown>>>,
): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  for (const step of steps) {
    if (step.isThere) applied.push({ ...step, outcome: 'there already' });
    else applied.push({ ...step, outcome: await outcomeOf(() => makers[step.what](step.name)) });
    const isLost = step.what === 'table' && typeof applied.at(-1)?.outcome === 'object';
    if (isLost) break;
  }
  return applied;
}

async function outcomeOf(make: () => Promise<unknown>): Promise<Applied['outcome']> {
  try {
    await make();
    return 'made';
  } catch (error) {
    if (error instanceof MaintenanceWindowError) return { failed: error };
    throw error;
  }
}

function notByArn(what: string, arn: string): MaintenanceWindowError {
  return new OperatorFault(
    'MaintenanceWindow.NotFound',
    `the ${what} ${arn} does not exist, and nothing is made by its ARN`,
    { kind: 'name-for-arn' },
  );
}
