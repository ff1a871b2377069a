/**
 * Wrapper that starts the client from its layer, as Lambda's variable names it. Lambda unpacks layers into `/opt`.
 * Source: Lambda developer guide, "Modify the runtime environment", wrapper scripts.
 */
export const LAYER_WRAPPER = {
  name: 'AWS_LAMBDA_EXEC_WRAPPER',
  value: '/opt/maintenance-window/exec-wrapper',
} as const;

/**
 * The layer's zip in the package, below `dist`: the build writes it, the constructs take it.
 *
 * @param architecture as Lambda names it: `x86_64` or `arm64`
 */
export function layerFile(architecture: string): string {
  return `layer/maintenance-window-${architecture}.zip`;
}

/** Wrapper that points a runtime of any language at the proxy in its layer. */
export const PROXY_WRAPPER = { name: LAYER_WRAPPER.name, value: '/opt/maintenance-window/wrapper' } as const;

/**
 * The zip of the proxy's layer in the package, below `dist`.
 *
 * @param architecture as Lambda names it: `x86_64` or `arm64`
 */
export function proxyLayerFile(architecture: string): string {
  return `proxy-layer/maintenance-window-proxy-${architecture}.zip`;
}
