import type { Environment } from '../../aws/request/plain-access.ts';

/** Says who makes the connections: `SETTINGS.sockets` in `core/gate/config.ts`. */
export const SOCKETS_SETTING = 'MAINTENANCE_WINDOW_SOCKETS';

/**
 * What changes whom Node's TLS trusts, or how, and the addon knows nothing of. Node reads `SSL_CERT_FILE` and `SSL_CERT_DIR`
 * with one of the flags below alone, and images without a shell have them set for others; it never reads `AWS_CA_BUNDLE`.
 */
const VARIABLES = ['OPENSSL_CONF', 'OPENSSL_MODULES'];
/** The same, where it has this one value. */
const VALUES = { NODE_USE_SYSTEM_CA: '1', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
/** The same as flags of Node's, which takes underscores for hyphens. */
const FLAG =
  /(?:^|[\s"])(--(?:use[-_](?:openssl|system)[-_]ca|tls[-_][\w.-]+|trace[-_]tls|(?:enable|force)[-_]fips|openssl[-_][\w-]+|secure[-_]heap[\w-]*))/;

/** How a Node was started. */
export interface NodeStart {
  readonly environment: Environment;
  readonly execArgv: readonly string[];
}

/** Why connections have to be Node's own, by how it was started; undefined where nothing is said against the addon's. */
export function whyUnfit({ environment, execArgv }: NodeStart): string | undefined {
  const variable = VARIABLES.find((name) => environment[name]);
  if (variable) return `${variable} is set`;
  for (const [name, value] of Object.entries(VALUES)) {
    if (environment[name] === value) return `${name} is ${value}`;
  }
  const flags = [...execArgv, environment['NODE_OPTIONS'] ?? ''].join(' ');
  const [, flag] = (flags && FLAG.exec(flags)) || [];
  return flag && `Node was started with ${flag}`;
}
