import type { Timer } from '../../core/replay/timer.ts';

/**
 * Step Functions, as far as the drain's machine asks for it: tasks that invoke a function or start an execution, Retry and
 * Catch, Choice by a string, Wait until an instant, a distributed Map, Succeed. In the Amazon States Language with JSONPath.
 * Source: https://states-language.net/spec.html
 */
export interface MachineParts {
  /** The definition, as JSON. */
  readonly definition: object;
  /** Invokes a function with a payload. Rejects with a {@link TaskFault}, or with whatever else is no fault of the task. */
  readonly invoke: (payload: object) => Promise<object>;
  readonly timer: Timer;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told of each execution that ends, children included. */
  readonly onEnd?: (execution: EndedExecution) => void;
}

/** An execution that is over. */
export interface EndedExecution {
  readonly name: string;
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** Events of its history, as Step Functions counts them. */
  readonly events: number;
  /**
   * What a standard workflow is paid by: states that were entered, tries after the first, and one for each child that a
   * distributed Map started. Source: Step Functions pricing, and developer guide, "Transitions".
   */
  readonly transitions: number;
}

/** A task that failed, by the name that a machine catches. */
export class TaskFault extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}

interface State {
  readonly Type: 'Task' | 'Choice' | 'Wait' | 'Map' | 'Succeed';
  readonly Next?: string;
  readonly End?: true;
  readonly Resource?: string;
  readonly Parameters?: { readonly Payload: object; readonly Input: object };
  readonly ResultSelector?: object;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly ResultPath?: string | null;
  }[];
  readonly Choices?: readonly { readonly Variable: string; readonly StringEquals: string; readonly Next: string }[];
  readonly Default?: string;
  readonly TimestampPath?: string;
  readonly ItemsPath?: string;
  readonly ItemSelector?: object;
  readonly MaxConcurrency?: number;
  readonly ItemProcessor?: States;
}

interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Longest timer of Node. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Runs a machine in this process. */
export function createMachine({ definition, invoke, timer, now, onEnd }: MachineParts) {
  const running = new Set<Promise<void>>();
  let executions = 0;
  return {
    /** Starts an execution, and resolves with its end. */
    execute: (name: string, input: object) => execute(name, definition as States, input),
    /** Resolves once no execution is under way, those that others have started included. */
    async ended(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };

  async function execute(name: string, states: States, input: object): Promise<EndedExecution> {
    const execution = { name, states, startedAt: now(), events: 1, transitions: 0 };
    let status: EndedExecution['status'] = 'SUCCEEDED';
    try {
      await run(execution, input as Json);
    } catch (fault) {
      if (!(fault instanceof TaskFault)) throw fault;
      status = 'FAILED';
    }
    execution.events += 1;
    const ended = { name, status, events: execution.events, transitions: execution.transitions };
    onEnd?.(ended);
    return ended;
  }

  interface Execution {
    readonly name: string;
    readonly states: States;
    readonly startedAt: number;
    events: number;
    transitions: number;
  }

  async function run(execution: Execution, input: Json): Promise<void> {
    let [name, data]: [string | undefined, Json] = [execution.states.StartAt, input];
    while (name !== undefined) {
      const state: State | undefined = execution.states.States[name];
      if (!state) throw new Error(`the machine has no state ${name}`);
      execution.events += 2;
      execution.transitions += 1;
      [name, data] = await step(execution, state, data);
    }
  }

  async function step(execution: Execution, state: State, data: Json): Promise<[string | undefined, Json]> {
    const context = { Execution: { Id: execution.name, Name: execution.name, StartTime: textOf(execution.startedAt) } };
    switch (state.Type) {
      case 'Succeed':
        return [undefined, data];
      case 'Choice':
        return [
          state.Choices?.find((each) => at(each.Variable, data, context) === each.StringEquals)?.Next ?? state.Default,
          data,
        ];
      case 'Wait':
        await waitUntil(Date.parse(String(at(state.TimestampPath ?? '', data, context))));
        return [state.Next, data];
      case 'Map':
      case 'Task':
        return caught(state, data, async () => {
          const result =
            state.Type === 'Map' ? await map(execution, state, data) : await tried(execution, state, data, context);
          return [
            state.Next,
            placed(state, data, filled(state.ResultSelector, { Payload: result }, context) ?? result),
          ];
        });
    }
  }

  async function caught(
    { Catch = [] }: State,
    data: Json,
    work: () => Promise<[string | undefined, Json]>,
  ): Promise<[string | undefined, Json]> {
    try {
      return await work();
    } catch (fault) {
      const found = fault instanceof TaskFault ? Catch.find((each) => isOf(each.ErrorEquals, fault)) : undefined;
      if (!found) throw fault;
      return [found.Next, placed(found, data, { Error: (fault as Error).name, Cause: (fault as Error).message })];
    }
  }

  /** Scheduled, started, and how it ended, for each try. */
  async function tried(execution: Execution, state: State, data: Json, context: Json): Promise<object> {
    const times = new Map<Retrier, number>();
    for (;;) {
      execution.events += 3;
      try {
        return await task(state, data, context);
      } catch (fault) {
        const retrier =
          fault instanceof TaskFault ? state.Retry?.find((each) => isOf(each.ErrorEquals, fault)) : undefined;
        const time = retrier ? (times.get(retrier) ?? 0) : 0;
        if (!retrier || time >= retrier.MaxAttempts) throw fault;
        times.set(retrier, time + 1);
        execution.transitions += 1;
        const { IntervalSeconds, BackoffRate, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
        await timer.sleep(Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** time) * 1_000);
      }
    }
  }

  async function task({ Resource, Parameters }: State, data: Json, context: Json): Promise<object> {
    if (Resource?.endsWith(':lambda:invoke')) return invoke(filled(Parameters?.Payload, data, context) ?? {});
    if (!Resource?.endsWith(':states:startExecution')) throw new Error(`no task ${Resource} is known here`);
    executions += 1;
    follow(execute(`onward-${executions}`, definition as States, filled(Parameters?.Input, data, context) ?? {}));
    return {};
  }

  function follow(execution: Promise<unknown>): void {
    const one = execution.then(() => void running.delete(one));
    running.add(one);
  }

  async function map(execution: Execution, state: State, data: Json): Promise<object> {
    execution.events += 4; // of the state and of its run
    const { ItemsPath = '$', ItemSelector, ItemProcessor, MaxConcurrency = 1_000 } = state;
    const items = at(ItemsPath, data, {}) as readonly unknown[];
    execution.transitions += items.length;
    const left = items.entries();
    const worker = async () => {
      for (const [index, Value] of left) {
        const input = filled(ItemSelector, data, { Map: { Item: { Value } } }) ?? {};
        await execute(`${execution.name}/${index}`, ItemProcessor ?? { StartAt: '', States: {} }, input);
      }
    };
    await Promise.all(Array.from({ length: Math.min(MaxConcurrency, items.length) }, worker));
    return {};
  }

  async function waitUntil(until: number): Promise<void> {
    while (now() < until) await timer.sleep(Math.min(LONGEST_WAIT_MS, until - now()));
  }
}

function isOf(names: readonly string[], { name }: Error): boolean {
  const isFailed = name !== 'States.Timeout' && names.includes('States.TaskFailed');
  return isFailed || names.includes(name) || names.includes('States.ALL');
}

/** The data with a result in its place. */
function placed({ ResultPath = '$' }: Pick<State, 'ResultPath'>, data: Json, result: object): Json {
  if (ResultPath === null) return data;
  return ResultPath === '$' ? (result as Json) : { ...data, [ResultPath.slice(2)]: result };
}

/** A template whose names that end in `.$` are paths. */
function filled(template: object | undefined, data: Json, context: Json): object | undefined {
  if (template === undefined) return undefined;
  const entries = Object.entries(template).map(([name, value]) => {
    if (name.endsWith('.$')) return [name.slice(0, -2), at(String(value), data, context)];
    return [name, value !== null && typeof value === 'object' ? filled(value, data, context) : value];
  });
  return Object.fromEntries(entries);
}

/** What a path leads to: `$.a.b` in the data, `$$.a.b` in the context, `States.Array($.a)`. */
function at(path: string, data: Json, context: Json): unknown {
  const [, inArray] = /^States\.Array\((.*)\)$/.exec(path) ?? [];
  if (inArray !== undefined) return [at(inArray, data, context)];
  const [root = '', ...names] = path.split('.');
  const found = names.reduce<unknown>(
    (value, name) => (value as Json | undefined)?.[name],
    root === '$$' ? context : data,
  );
  if (found === undefined) throw new TaskFault('States.Runtime', `the path ${path} leads nowhere`);
  return found;
}

function textOf(time: number): string {
  return new Date(time).toISOString();
}
