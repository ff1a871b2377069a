/** Adapters that live in the engine of the proxy, as a test in Node uses them. */
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Clock, EventStore, Log, PutOutcome, TakeBackOutcome, WindowSource } from '../../core/gate/ports.ts';
import { NO_POLICY } from '../../core/sources/policy.ts';
import type {
  AdapterAnswer,
  AdapterCall,
  CallersClock,
  StoreCall,
  StoreParts,
  WindowParts,
} from './engine-adapters.ts';
import type { ProxyEngine } from './proxy-engine.ts';

let latest = 0;

/** A store there. The clock of each call is told with it. */
export function storeInEngine(engine: ProxyEngine, parts: StoreParts, clock: Clock): EventStore {
  const adapter = ++latest;
  return {
    load: async () => void (await call({ method: 'load' })),
    put: async (event, deadlineAt, retriedUntilAt) =>
      (await call({ method: 'put', event, deadlineAt, retriedUntilAt })) as PutOutcome,
    takeBack: async (id, deadlineAt) => (await call({ method: 'takeBack', id, deadlineAt })) as TakeBackOutcome,
    retriesUntil: async (deadlineAt) => Number(await call({ method: 'retriesUntil', deadlineAt })),
  };

  async function call(words: StoreCall): Promise<string | undefined> {
    const { value } = await answerOf(engine, {
      about: 'event-store',
      adapter,
      clock: { now: clock.now() },
      parts,
      call: words,
    });
    return value;
  }
}

/** What a window source there shows of itself: its state is that of the latest call, by the clock of that call. */
export function windowsInEngine(
  engine: ProxyEngine,
  parts: WindowParts,
  clock: () => CallersClock,
  log: Log,
): WindowSource & { readonly written: Promise<void> } {
  const adapter = ++latest;
  let staleAt = Number.NEGATIVE_INFINITY;
  let state: object = {};
  let policy = NO_POLICY;
  const written = call('written');
  return {
    written,
    get staleAt() {
      return staleAt;
    },
    get reading() {
      return { stateAt: () => ({ validFrom: 0, validUntil: 0, lastEndAt: 0, ...state }), policy, editedAt: 0 };
    },
    start: () => call('start'),
    refresh: () => call('refresh'),
  };

  async function call(method: 'written' | 'start' | 'refresh'): Promise<void> {
    const { windows } = await answerOf(engine, {
      about: 'window-source',
      adapter,
      clock: clock(),
      parts,
      call: method,
    });
    if (!windows) throw new Error('the engine says nothing of its windows');
    ({ state, policy } = windows);
    staleAt = Number(windows.staleAt);
    for (const entry of windows.entries) log.write(entry);
  }
}

async function answerOf(engine: ProxyEngine, call: AdapterCall): Promise<AdapterAnswer> {
  const answer: AdapterAnswer = JSON.parse(await engine.ask(call));
  if (typeof answer === 'string') throw new Error(answer);
  if (!answer.fault) return answer;
  const { name, message } = answer.fault;
  throw name === 'MaintenanceWindow.DeferralFailed'
    ? new MaintenanceWindowError(name, message)
    : Object.assign(new Error(message), { name });
}
