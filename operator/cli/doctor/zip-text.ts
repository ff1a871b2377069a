import { LAYER_WRAPPER, PROXY_WRAPPER } from '../../../core/deployment/layer.ts';
import { type NoGate, OLDEST_NODE } from '../../../core/deployment/runtimes.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import type { ZipFault } from '../../doctor/finding.ts';
import { docsFile } from '../docs-file.ts';
import { cut, type Words } from './words.ts';

const VARIABLE = LAYER_WRAPPER.name;

/** What keeps the gate out of a zip function, in words. */
export function zipWords(fault: ZipFault): Words {
  switch (fault.why) {
    case 'zip':
      return {
        says: `is not protected: neither layer nor wrapper brings ${gateOf(fault.wrapper)} into it (${fault.runtime})`,
        remedy: `attach the layer, and set ${VARIABLE}=${fault.wrapper}: ${pageOf(fault.wrapper)}`,
      };
    case 'runtime-without-gate':
      return {
        says: `is not protected: it runs on ${cut(fault.runtime)}, ${WHY_NO_GATE[fault.reason].says}`,
        remedy: WHY_NO_GATE[fault.reason].remedy,
      };
    case 'no-wrapper':
      return {
        says: `is not protected: it has the layer ${cut(fault.layer)}, and no wrapper that starts what is in it`,
        remedy: `set ${VARIABLE}=${fault.wrapper}: ${pageOf(fault.wrapper)}`,
      };
    case 'other-wrapper':
      return {
        says: `is started by ${cut(fault.named)}, and Lambda does not tell whether ${gateOf(fault.wrapper)} comes behind it`,
        remedy: `set ${VARIABLE}=${fault.wrapper}, and ${SETTINGS.execWrapper.name}=${cut(fault.named)}, which runs next: ${pageOf(fault.wrapper)}`,
      };
    case 'wrong-wrapper':
      return {
        says: `does not start: ${fault.named} is for Node, and it runs on ${cut(fault.runtime)}`,
        remedy: `give it the proxy's layer, and ${VARIABLE}=${fault.wrapper}: ${pageOf(fault.wrapper)}`,
      };
    case 'no-layer':
      return {
        says: `does not start: no layer brings ${fault.named}, which ${VARIABLE} names`,
        remedy: `attach the layer of ${gateOf(fault.named)}: ${pageOf(fault.named)}`,
      };
    case 'other-architecture':
      return {
        says: `does not start: it runs on ${fault.architecture}, and its layer ${cut(fault.layer)} is for the other CPU`,
        remedy: `attach the layer for ${fault.architecture}`,
      };
    case 'two-gates':
      return {
        says: 'does not start: it has both the client for Node and the proxy, which would both store each event',
        remedy: 'take one of the two layers away, and its wrapper',
      };
    case 'bootstrap-unseen':
      return {
        says: `runs on ${cut(fault.runtime)}, where Lambda calls no wrapper, and does not tell what its bootstrap starts`,
        remedy: `see that this ends in  exec ${fault.wrapper} ./main : ${pageOf(fault.wrapper)}`,
      };
  }
}

const WHY_NO_GATE: Readonly<Record<NoGate, Required<Words>>> = {
  'amazon-linux-1': {
    says: 'so on Amazon Linux 1, where neither client nor proxy starts',
    remedy: 'move it to a runtime that AWS still supports',
  },
  'old-node': {
    says: `and the client needs Node ${OLDEST_NODE} or later`,
    remedy: `move it to nodejs${OLDEST_NODE}.x or a later one`,
  },
  'no-layer': {
    says: 'which no layer is for',
    remedy: `make it an image that begins with the proxy: ${docsFile('proxy.md')}`,
  },
};

function gateOf(wrapper: string): string {
  return wrapper === PROXY_WRAPPER.value ? 'the proxy' : 'the client';
}

function pageOf(wrapper: string): string {
  return docsFile(wrapper === PROXY_WRAPPER.value ? 'proxy.md' : 'layer.md');
}
