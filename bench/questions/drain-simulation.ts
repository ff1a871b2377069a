import { type Simulated, simulateDrain } from '../../test/worlds/drain-simulation.ts';
import { costOf, useOf } from '../measure/drain-cost.ts';
import { type Finding, writeMegabytes, writeSeconds } from '../measure/findings.ts';
import { estimate } from '../measure/pairs.ts';

/** Source: Step Functions developer guide, "Quotas". */
const HISTORY_LIMIT = 25_000;
/** What an account has of Lambda before it asks for more, less what others take. */
const ACCOUNT_CONCURRENCY = 800;
const CONCURRENCY = 1_000;

/** A drain of millions of events, by its own code and a clock that nobody waits for. */
export async function measureDrainSimulation({ events = 10_000_000, functions = 200 } = {}): Promise<Finding[]> {
  const before = process.cpuUsage();
  const beganAt = performance.now();
  const simulated = await simulateDrain({
    functions,
    events,
    wish: { concurrency: CONCURRENCY },
    accountConcurrency: ACCOUNT_CONCURRENCY,
    window: { afterMs: 20_000, lastsMs: 120_000 },
    killEvery: 40,
  });
  const wallMs = performance.now() - beganAt;
  const { user, system } = process.cpuUsage(before);
  const { killed, statuses, stretches, throttled, heldByGate, executions, tookMs } = simulated;
  const of = `${events} events of ${functions} functions`;
  const killedSay = `${killed.stretches} stretches were killed, with ${killed.inHand} events in hand: ${killed.ranTwice} ran twice, and the records of ${killed.doubted} say that they may have`;
  return [
    {
      what: `${of}: those that a drain left`,
      target: NONE,
      figure: estimate([events - (statuses.replayed ?? 0)]),
      write: String,
      basis: `${throttled} invocations were throttled, ${heldByGate} met a window that began; a window held every fourth function`,
    },
    {
      what: 'those that ran twice without having been in the hands of a killed stretch, or without a word in their record; and those of which it says so for nothing',
      target: NONE,
      figure: estimate([new Set([...simulated.twice, ...simulated.twiceUntold, ...simulated.doubtedForNothing]).size]),
      write: String,
      basis: killedSay,
    },
    {
      what: 'the longest history of an execution, in events',
      target: { kind: 'at most', value: HISTORY_LIMIT },
      figure: estimate([Math.max(...executions.map((each) => each.events))]),
      write: String,
      basis: `${stretches} stretches in ${executions.length} executions`,
    },
    {
      what: 'how long that drain takes',
      figure: estimate([tookMs]),
      write: writeSeconds,
      basis: `${CONCURRENCY} invocations at once are asked for, the account bears ${ACCOUNT_CONCURRENCY}; an invocation takes 20 to 120 ms`,
    },
    {
      what: 'what it costs by list price',
      figure: estimate([costOf(useOf(simulated))]),
      write: (dollars) => `$${dollars.toFixed(2)}`,
      basis: useText(simulated),
    },
    {
      what: 'the simulation itself, in CPU time',
      figure: estimate([(user + system) / 1_000]),
      write: writeSeconds,
      basis: `${writeSeconds(wallMs)} by the wall, at most ${writeMegabytes(process.resourceUsage().maxRSS * 1_024)} resident`,
    },
  ];
}

const NONE = { kind: 'at most', value: 0 } as const;

/** As docs/cost.md reckons with it. */
function useText(simulated: Simulated): string {
  const { claims, ends, rows, heartbeats } = simulated.requests;
  const { writeUnit, readUnit, gbSecond, invocation, stateTransition } = useOf(simulated);
  return `${claims} claims, ${ends} outcomes, ${heartbeats} heartbeats: ${writeUnit} write units; ${rows} rows of the index: ${Math.round(readUnit)} read units; ${invocation} stretches of ${Math.round(gbSecond)} GB-seconds in all; ${stateTransition} state transitions`;
}
