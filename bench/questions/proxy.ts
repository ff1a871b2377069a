import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasProxy, PROXY } from '../../test/worlds/proxy.ts';
import { type Finding, writeMegabytes, writeMicroseconds, writeMilliseconds } from '../measure/findings.ts';
import { differences, estimate, interleave, median } from '../measure/pairs.ts';
import { cpuTimeNs, residentBytes } from '../measure/process-cost.ts';
import { buildPeers, type Ends, type Hop, hyperBytes, type RunningHop, startEnds } from '../processes/hop.ts';
import { startAws } from '../processes/lambda.ts';
import { windowNextYear } from '../processes/windows.ts';
import { SSM_DELAY_MS } from './cold-start.ts';

const HOPS = ['proxy', 'hyper', 'node'] as const satisfies readonly Hop[];
/** What the peers are called in the table. */
const NAMES: Readonly<Record<Hop, string>> = {
  proxy: 'the proxy',
  hyper: 'a pass-through in Rust on hyper',
  node: 'a pass-through in Node, as AWS’s sample',
};
const KB = 1_000;
const DIST = join(import.meta.dirname, '..', '..', 'dist');

/** How often to measure. */
export interface ProxyCounts {
  /** Rounds in which each hop is started once, takes a thousand invocations, and ends. */
  readonly starts: number;
  readonly invocationsPerStart: number;
  /** Rounds of stretches of invocations, of a process of each hop. */
  readonly rounds: number;
  /** In a stretch, of 1 kB; of larger ones fewer. */
  readonly invocationsPerRound: number;
}

const COUNTS: ProxyCounts = { starts: 20, invocationsPerStart: 1_000, rounds: 60, invocationsPerRound: 250 };

/**
 * What a function in another language pays for the proxy outside a window, against the same function without it. The peers
 * beside it pass everything on and know no windows: their figures say what a hop costs, in either language.
 */
export async function measureProxy(counts: Partial<ProxyCounts> = {}): Promise<Finding[]> {
  if (!hasProxy) {
    console.error('proxy: not measured, because it is not built; npm run build says what it lacks');
    return [];
  }
  const { starts, invocationsPerStart, rounds, invocationsPerRound } = { ...COUNTS, ...counts };
  buildPeers();
  await using aws = await startAws({ parameter: windowNextYear(), ssmDelayMs: SSM_DELAY_MS, tls: 'by-authority' });
  await using ends = await startEnds();
  const { environment } = aws;
  const started = await interleave(starts, {
    proxy: () => startOnce(ends, 'proxy', environment, invocationsPerStart),
    hyper: () => startOnce(ends, 'hyper', environment, invocationsPerStart),
    node: () => startOnce(ends, 'node', environment, invocationsPerStart),
  });

  await using proxy = await ends.start('proxy', environment);
  await using hyper = await ends.start('hyper', environment);
  await using node = await ends.start('node', environment);
  const hops = { proxy, hyper, node };
  const invoked = (bytes: number, share: number) =>
    measureInvocations(ends, hops, { bytes, rounds, count: Math.max(2, Math.round(invocationsPerRound / share)) });
  await invoked(KB, 1); // until V8 has compiled what runs often
  return [
    ...costs('1 kB', await invoked(KB, 1), { wallNs: 250_000, cpuNs: 100_000 }),
    ...costs('100 kB', await invoked(100 * KB, 5)),
    ...costs('1 MB', await invoked(1_000 * KB, 50)),
    ...ofStarts(started, invocationsPerStart),
    ...sizes(),
  ];
}

/** Of one invocation: how long it takes, and what the hop's own process takes of the CPU. Nanoseconds. */
interface Cost {
  readonly wallNs: number;
  readonly cpuNs: number;
}

interface Invoked {
  readonly costs: Readonly<Record<Hop | 'direct', readonly Cost[]>>;
  readonly basis: string;
}

async function measureInvocations(
  ends: Ends,
  hops: Readonly<Record<Hop, RunningHop>>,
  { bytes, rounds, count }: { readonly bytes: number; readonly rounds: number; readonly count: number },
): Promise<Invoked> {
  const through = async ({ pid, port }: RunningHop): Promise<Cost> => {
    const before = cpuTimeNs(pid);
    const wallNs = await ends.invoke(port, bytes, count);
    return { wallNs, cpuNs: (cpuTimeNs(pid) - before) / count };
  };
  const costs = await interleave(rounds, {
    direct: async () => ({ wallNs: await ends.invoke(ends.port, bytes, count), cpuNs: 0 }),
    proxy: () => through(hops.proxy),
    hyper: () => through(hops.hyper),
    node: () => through(hops.node),
  });
  const direct = writeMicroseconds(median(costs.direct.map(({ wallNs }) => wallNs)));
  return { costs, basis: `${direct} direct; ${rounds} rounds of ${count} invocations` };
}

/** @param bounds of the proxy: those of the peers are told */
function costs(size: string, { costs: of, basis }: Invoked, bounds?: Cost): Finding[] {
  return HOPS.flatMap((hop) => {
    const figures = (measure: keyof Cost) =>
      differences(
        of[hop].map((cost) => cost[measure]),
        of.direct.map((cost) => cost[measure]),
      );
    const finding = (what: string, measure: keyof Cost): Finding => ({
      what,
      ...(hop === 'proxy' && bounds && { target: { kind: 'at most', value: bounds[measure] } }),
      figure: estimate(figures(measure)),
      write: writeMicroseconds,
      basis,
    });
    return [
      finding(`added to an invocation of ${size} by ${NAMES[hop]}`, 'wallNs'),
      finding('the CPU time of its process', 'cpuNs'),
    ];
  });
}

/** What a hop takes until INIT is over, and what it holds after some invocations. */
interface Start {
  readonly cpuMs: number;
  readonly bytes: number;
}

async function startOnce(
  ends: Ends,
  hop: Hop,
  environment: Readonly<Record<string, string>>,
  invocations: number,
): Promise<Start> {
  await using running = await ends.start(hop, environment);
  await ends.invoke(running.port, KB, invocations);
  return { cpuMs: running.startNs / 1e6, bytes: residentBytes(running.pid) };
}

/** CPU time and memory of the proxy, and in the basis those of its peers. */
function ofStarts(started: Readonly<Record<Hop, readonly Start[]>>, invocations: number): Finding[] {
  const finding = (what: string, measure: keyof Start, value: number, write: Finding['write']): Finding => {
    const figures = (hop: Hop) => started[hop].map((start) => start[measure]);
    return {
      what,
      target: { kind: 'at most', value },
      figure: estimate(figures('proxy')),
      write,
      basis: `on hyper ${write(median(figures('hyper')))}, in Node ${write(median(figures('node')))}; ${started.proxy.length} starts of each`,
    };
  };
  return [
    finding('CPU time of the proxy at start, over TLS', 'cpuMs', 12, writeMilliseconds),
    finding(`resident memory of the proxy after ${invocations} invocations`, 'bytes', 12e6, writeMegabytes),
  ];
}

/** Of what is built for this machine's CPU. */
function sizes(): Finding[] {
  const finding = (what: string, bytes: number, value: number, basis = ''): Finding => ({
    what,
    target: { kind: 'at most', value },
    figure: { value: bytes, low: bytes, high: bytes },
    write: writeMegabytes,
    basis,
  });
  return [
    finding('the proxy’s program', statSync(PROXY).size, 6e6, `on hyper ${writeMegabytes(hyperBytes())}`),
    finding('a layer with the client for Node', layerBytes('layer'), 0.6e6),
    finding('a layer with the proxy', layerBytes('proxy-layer'), 3e6),
  ];
}

/** Of the one zip in this folder that is for this machine's CPU. */
function layerBytes(folder: string): number {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const name = readdirSync(join(DIST, folder)).find((file) => file.endsWith(`${architecture}.zip`));
  return statSync(join(DIST, folder, name ?? '')).size;
}
