import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LAYER_WRAPPER, layerFile, PROXY_WRAPPER, proxyLayerFile } from '../core/deployment/layer.ts';
import { SETTINGS } from '../core/gate/config.ts';
import type { Carrier } from './checks/carriers.ts';
import { refuse } from './checks/fault.ts';
import { functionResource } from './parts/protected-function.ts';
import { PREBUILT } from './prebuilt.ts';

const TO_HAVE_IT = 'the released package has it, and from the source  npm run build  makes it, or says what it takes';

interface LayerKind {
  readonly whose: string;
  readonly id: string;
  readonly description: string;
  readonly file: (architecture: string) => string;
}

const CLIENT: LayerKind = {
  whose: "client's",
  id: 'MaintenanceWindowLayer',
  description: 'The maintenance-window client',
  file: (architecture) => join(PREBUILT, layerFile(architecture)),
};

const PROXY: LayerKind = {
  whose: "proxy's",
  id: 'MaintenanceWindowProxyLayer',
  description: 'The maintenance-window proxy',
  file: (architecture) => join(PREBUILT, proxyLayerFile(architecture)),
};

const LAYERS: Readonly<Record<Carrier, LayerKind | undefined>> = {
  image: undefined,
  client: CLIENT,
  proxy: PROXY,
  bootstrap: PROXY,
};

/** Lambda's own bootstrap calls them: an image has another one, and `provided.*` none. */
const WRAPPERS: Readonly<Record<Carrier, string | undefined>> = {
  image: undefined,
  client: LAYER_WRAPPER.value,
  proxy: PROXY_WRAPPER.value,
  bootstrap: undefined,
};

const OURS: ReadonlySet<unknown> = new Set([LAYER_WRAPPER.value, PROXY_WRAPPER.value]);
const WRAPPER_VARIABLE = LAYER_WRAPPER.name;
/** Source: Lambda developer guide, "Lambda quotas". */
const MAX_LAYERS = 5;

/**
 * Puts the layer of the right architecture on a zip function: one layer version for each kind and architecture of a stack.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` where there is no room for one more, and no layer for the CPU
 */
export function addLayer(fn: lambda.Function, carrier: Carrier): void {
  const kind = LAYERS[carrier];
  if (!kind) return;
  const { layers = [] } = functionResource(fn);
  const count = (Stack.of(fn).resolve(layers) ?? []).length;
  if (count >= MAX_LAYERS) {
    refuse(
      fn,
      `has ${count} layers, and Lambda takes ${MAX_LAYERS}, the ${kind.whose} own included; unite two of them`,
    );
  }
  fn.addLayers(layerIn(fn, kind));
}

function layerIn(fn: lambda.Function, { whose, id, description, file }: LayerKind): lambda.ILayerVersion {
  const { architecture } = fn;
  const idHere = `${id}-${architecture.name}`;
  const there = Stack.of(fn).node.tryFindChild(idHere);
  if (there) return there as lambda.LayerVersion;
  const zip = file(architecture.name);
  if (!existsSync(zip)) {
    refuse(
      fn,
      `runs on ${architecture.name}, and the ${whose} layer for it is not built: ${zip} is not there; ${TO_HAVE_IT}`,
    );
  }
  return new lambda.LayerVersion(Stack.of(fn), idHere, {
    code: lambda.Code.fromAsset(zip),
    compatibleArchitectures: [architecture],
    description,
  });
}

/**
 * Has the layer's wrapper start the function, and a wrapper of the function's own come next: at synth, when nobody sets one
 * any more.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` where two different ones are named, or one of ours for another runtime
 */
export function chainWrappers(fn: lambda.Function, carrier: Carrier): void {
  const wrapper = WRAPPERS[carrier];
  if (!wrapper) return;
  const { variables = {} } = Stack.of(fn).resolve(functionResource(fn).environment) ?? {};
  const { [WRAPPER_VARIABLE]: own = wrapper, [SETTINGS.execWrapper.name]: next } = variables;
  const second = own !== wrapper && OURS.has(own) ? own : OURS.has(next) ? next : undefined;
  if (second !== undefined) {
    const name = second === next ? SETTINGS.execWrapper.name : WRAPPER_VARIABLE;
    refuse(fn, `has ${second} as ${name}, and gets ${wrapper}; two gates would both store: take that variable away`);
  }
  if (own === wrapper) {
    fn.addEnvironment(WRAPPER_VARIABLE, wrapper);
    return;
  }
  if (next !== undefined && next !== own) {
    refuse(
      fn,
      `has two wrappers, ${WRAPPER_VARIABLE} and ${SETTINGS.execWrapper.name}; name one, as ${WRAPPER_VARIABLE}`,
    );
  }
  fn.addEnvironment(SETTINGS.execWrapper.name, Token.asString(own));
  fn.addEnvironment(WRAPPER_VARIABLE, wrapper);
}
