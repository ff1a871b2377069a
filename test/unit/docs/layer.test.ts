import { expect, it } from 'vitest';
import { LAYER_WRAPPER, layerFile, PROXY_WRAPPER, proxyLayerFile } from '../../../core/deployment/layer.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import { pageText } from './pages.ts';

it('the page on the layer names its files, its wrapper and its setting as they are', () => {
  const page = pageText('docs/layer.md');
  for (const architecture of ['x86_64', 'arm64']) expect(page).toContain(`\`dist/${layerFile(architecture)}\``);
  expect(page).toContain(`\`${LAYER_WRAPPER.name}=${LAYER_WRAPPER.value}\``);
  expect(page).toContain(`\n${SETTINGS.execWrapper.name}=/opt/`);
  expect(pageText('README.md')).toContain(`\`${LAYER_WRAPPER.name}=${LAYER_WRAPPER.value}\``);
});

it('the page on the proxy names its layers and its wrapper as they are', () => {
  const page = pageText('docs/proxy.md');
  for (const architecture of ['x86_64', 'arm64']) {
    expect(page).toContain(`\`dist/${proxyLayerFile(architecture)}\``);
  }
  expect(page).toContain(`\`${PROXY_WRAPPER.name}=${PROXY_WRAPPER.value}\``);
});
