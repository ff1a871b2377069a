import { asAtStart } from './world-at-start.ts';

/**
 * Whether a peer's certificate is its host's, for the gate's realm: as OpenSSL sees it. Node's own check is written with
 * the `String.prototype` and `Array.prototype` of the handler.
 */
export function createIdentityCheck({ X509Certificate }: typeof import('node:crypto')) {
  const { checkHost, checkIP } = X509Certificate.prototype;
  /** @returns why not, if it is not */
  return (host: string, { raw }: { readonly raw: Uint8Array }): Error | undefined => {
    const isAddress = /^[\d.]+$|:/.test(host);
    const check = isAddress ? checkIP : checkHost;
    const found: unknown = asAtStart(() => Reflect.apply(check, new X509Certificate(raw), [host]));
    if (found !== undefined) return undefined;
    const fault = new Error(`Hostname/IP does not match certificate's altnames: it has no ${host}`);
    return Object.assign(fault, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  };
}
