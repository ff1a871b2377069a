import type { InspectedFunction } from '../../aws/lambda/function-inspector.ts';
import { LAYER_WRAPPER, PROXY_WRAPPER } from '../../core/deployment/layer.ts';
import { whyNoGateOn, zipCarrierOf } from '../../core/deployment/runtimes.ts';
import { SETTINGS } from '../../core/gate/config.ts';
import type { State, ZipFault } from './finding.ts';

/** A fault, with how bad it is. `problem`: the gate is not in the function, for certain. */
export interface ZipJudgement {
  readonly state: State;
  readonly facts: ZipFault;
}

/** A layer of ours, as far as its name tells. */
interface OurLayer {
  readonly name: string;
  readonly gate: 'client' | 'proxy';
  /** Absent where the name has none. */
  readonly architecture?: string;
}

const WRAPPERS = { client: LAYER_WRAPPER.value, proxy: PROXY_WRAPPER.value } as const;

/**
 * Judges by layers and wrappers whether a zip function has the gate. Undefined where it has, as far as Lambda tells: a layer
 * of another name may be ours, too.
 */
export function judgeZip(fn: InspectedFunction): ZipJudgement | undefined {
  const { runtime = 'a runtime without a name', environment } = fn;
  const reason = whyNoGateOn(runtime);
  if (reason) return problem({ why: 'runtime-without-gate', runtime, reason });
  const layers = fn.layers.flatMap(ourLayer);
  const wrappers = [environment[LAYER_WRAPPER.name], environment[SETTINGS.execWrapper.name]];
  if (holdsTwo(layers.map(({ gate }) => gate)) || holdsTwo(wrappers)) return problem({ why: 'two-gates' });
  const fault = zipCarrierOf(runtime) === 'bootstrap' ? undefined : judgeWrapper(fn, layers);
  if (fault?.state === 'problem') return fault;
  const foreign = layers.find(
    ({ architecture }) => architecture && fn.architecture && architecture !== fn.architecture,
  );
  if (foreign) {
    return problem({ why: 'other-architecture', layer: foreign.name, architecture: fn.architecture ?? '' });
  }
  if (zipCarrierOf(runtime) !== 'bootstrap') return fault;
  return { state: 'warning', facts: { why: 'bootstrap-unseen', runtime, wrapper: WRAPPERS.proxy } };
}

/** On a runtime that calls the wrapper. */
function judgeWrapper(fn: InspectedFunction, layers: readonly OurLayer[]): ZipJudgement | undefined {
  const { runtime = '', environment } = fn;
  const named = environment[LAYER_WRAPPER.name] || undefined;
  const isNode = zipCarrierOf(runtime) === 'client';
  const [layer] = layers;
  const wrapper = WRAPPERS[layer?.gate ?? (isNode ? 'client' : 'proxy')];
  if (named === WRAPPERS.client && !isNode) {
    return problem({ why: 'wrong-wrapper', runtime, named, wrapper: WRAPPERS.proxy });
  }
  if (named === WRAPPERS.client || named === WRAPPERS.proxy) {
    const isBrought = layer ? WRAPPERS[layer.gate] === named : fn.layers.length > 0;
    return isBrought ? undefined : problem({ why: 'no-layer', named });
  }
  if (named !== undefined) return { state: 'warning', facts: { why: 'other-wrapper', named, wrapper } };
  if (layer) return problem({ why: 'no-wrapper', layer: layer.name, wrapper });
  return problem({ why: 'zip', runtime, wrapper });
}

/** Of a layer's ARN. The names are those of the documents, and those that CloudFormation makes of the CDK's. */
function ourLayer(arn: string): readonly OurLayer[] {
  const name = arn.split(':')[6] ?? '';
  if (!/maintenance-?window/i.test(name)) return [];
  const [architecture] = ['arm64', 'x86_64'].filter((one) =>
    name.toLowerCase().replaceAll(/[-_]/g, '').includes(one.replace('_', '')),
  );
  return [{ name, gate: /proxy/i.test(name) ? 'proxy' : 'client', ...(architecture && { architecture }) }];
}

function holdsTwo(ofEach: readonly (string | undefined)[]): boolean {
  return (['client', 'proxy'] as const).every((gate) => ofEach.includes(gate) || ofEach.includes(WRAPPERS[gate]));
}

function problem(facts: ZipFault): ZipJudgement {
  return { state: 'problem', facts };
}
