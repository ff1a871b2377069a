import { join } from 'node:path';
import { type Client, patchedClient } from '../../test/worlds/client-process.ts';
import { type Finding, writeMilliseconds, writePerSecond, writeTimes } from '../measure/findings.ts';
import { estimate, interleave, median, quantile, ratios } from '../measure/pairs.ts';
import { bundle } from '../processes/bundle.ts';
import { type Lambda, startAws, startLambda } from '../processes/lambda.ts';
import type { Served } from '../processes/lambda-process.ts';
import { windowNow } from '../processes/windows.ts';

const EVENT = JSON.stringify({ orderId: 4711, customer: 'Ada', lines: [{ item: 'tea', count: 2 }] });
/** Until the SDK is loaded and V8 has compiled what runs often. */
const WARM_UP_EVENTS = 300;

/** How often to measure. The peer needs a process for each event. */
export interface DeferralCounts {
  readonly rounds: number;
  readonly eventsPerRound: number;
  readonly peerEventsPerRound: number;
}

/**
 * How fast one environment defers inside a window, one event after the other, against a peer that does as the original
 * system does. Two stand-ins for DynamoDB, because neither is the service: one that confirms at once shows what the
 * client itself takes; dynalite, which really stores, takes longer than that for each put.
 */
export async function measureDeferral({
  rounds = 12,
  eventsPerRound = 500,
  peerEventsPerRound = 3,
}: Partial<DeferralCounts> = {}): Promise<Finding[]> {
  const counts = { rounds, eventsPerRound, peerEventsPerRound };
  return [...(await measureWith('instant', counts)), ...(await measureWith('dynalite', counts))];
}

async function measureWith(
  dynamoDb: 'instant' | 'dynalite',
  { rounds, eventsPerRound, peerEventsPerRound }: DeferralCounts,
): Promise<Finding[]> {
  await using aws = await startAws({ parameter: windowNow(), ssmDelayMs: 0, dynamoDb });
  await using original = await bundle(import.meta.resolve('../processes/original.ts'), 'original.cjs');
  await using lambda = startLambda();
  await using peerLambda = startLambda();
  const { environment } = aws;
  const peer: Client = { folder: original.folder, command: ['node', join(original.folder, 'original.cjs')] };

  await using deferring = await lambda.start({ client: patchedClient(), environment });
  await deferring.invoke(EVENT, WARM_UP_EVENTS, 'error');
  const latenciesMs: number[] = [];
  const { ours, theirs } = await interleave(rounds, {
    ours: async () => {
      const served = await deferring.invoke(EVENT, eventsPerRound, 'error');
      latenciesMs.push(...latenciesOf(served));
      return perSecond(served);
    },
    theirs: () => peerPerSecond(peerLambda, peer, environment, peerEventsPerRound),
  });

  const where = `DynamoDB: ${dynamoDb}`;
  const basis = `${rounds * eventsPerRound} events of ${EVENT.length} bytes in one environment`;
  const quantiles = [0.5, 0.99].map((share) => ({
    what: `latency of a deferral, p${share * 100} (${where})`,
    figure: estimate(latenciesMs, (figures) => quantile(figures, share)),
    write: writeMilliseconds,
    basis,
  }));
  return [
    ...quantiles,
    { what: `deferrals a second (${where})`, figure: estimate(ours), write: writePerSecond, basis },
    {
      what: `deferrals a second, over a process for each event (${where})`,
      target: { kind: 'at least', value: 100 },
      figure: estimate(ratios(ours, theirs)),
      write: writeTimes,
      basis: `${writePerSecond(median(ours))} against ${writePerSecond(median(theirs))}; ${rounds} pairs of ${eventsPerRound} and ${peerEventsPerRound} events`,
    },
  ];
}

/** Each event has a process from its start to its end: the next event's cannot start before. */
async function peerPerSecond(
  lambda: Lambda,
  client: Client,
  environment: Readonly<Record<string, string>>,
  events: number,
): Promise<number> {
  let takenNs = 0;
  for (let event = 0; event < events; event += 1) {
    await using running = await lambda.start({ client, environment });
    await running.invoke(EVENT, 1, 'error');
    await running.exited;
    takenNs += Number(process.hrtime.bigint()) - running.startedAtNs;
  }
  return (events / takenNs) * 1e9;
}

function perSecond({ handedOverAtNs, answeredAtNs }: Served): number {
  const takenNs = (answeredAtNs.at(-1) ?? Number.NaN) - (handedOverAtNs[0] ?? Number.NaN);
  return (answeredAtNs.length / takenNs) * 1e9;
}

function latenciesOf({ handedOverAtNs, answeredAtNs }: Served): number[] {
  return Array.from(answeredAtNs, (answeredAt, event) => (answeredAt - (handedOverAtNs[event] ?? Number.NaN)) / 1e6);
}
