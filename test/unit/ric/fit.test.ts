import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../core/gate/config.ts';
import { SOCKETS_SETTING, whyUnfit } from '../../../ric/native/fit.ts';

it('the setting is asked for by its own name', () => expect(SOCKETS_SETTING).toBe(SETTINGS.sockets.name));

describe('the addon makes the connections', () => {
  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['where nothing is set', {}, []],
    ['with certificates beside the roots, which it reads itself', { NODE_EXTRA_CA_CERTS: '/tmp/ca.pem' }, []],
    ['where a variable is set to nothing', { OPENSSL_CONF: '' }, []],
    [
      'with a store that only OpenSSL’s own programs read',
      { SSL_CERT_FILE: '/etc/ca.pem', SSL_CERT_DIR: '/etc/ssl' },
      [],
    ],
    ['with a bundle that only other SDKs read', { AWS_CA_BUNDLE: '/etc/ca.pem' }, []],
    ['where certificates are verified as ever', { NODE_TLS_REJECT_UNAUTHORIZED: '1', NODE_USE_SYSTEM_CA: '0' }, []],
    ['with flags that change nothing of TLS', { NODE_OPTIONS: '--enable-source-maps' }, ['--expose-gc']],
    ['by Mozilla’s roots, which are those of the build', { NODE_OPTIONS: '--use-bundled-ca' }, []],
    ['with a proxy that only the handler’s HTTP goes through', { HTTPS_PROXY: 'http://proxy:3128' }, []],
  ])('%s', (_, environment, execArgv) => {
    expect(whyUnfit({ environment, execArgv })).toBeUndefined();
  });
});

describe('Node makes them where it was told whom to trust, or how', () => {
  it.each([
    ['OPENSSL_CONF', '/etc/fips.cnf', 'OPENSSL_CONF is set'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'NODE_TLS_REJECT_UNAUTHORIZED is 0'],
    ['NODE_USE_SYSTEM_CA', '1', 'NODE_USE_SYSTEM_CA is 1'],
    ['NODE_OPTIONS', '--no-warnings --use-openssl-ca', 'Node was started with --use-openssl-ca'],
    ['NODE_OPTIONS', '"--tls-keylog=/tmp/a b"', 'Node was started with --tls-keylog'],
  ])('%s=%s', (name, value, cause) => {
    expect(whyUnfit({ environment: { [name]: value }, execArgv: [] })).toBe(cause);
  });

  it.each([
    '--use-system-ca',
    '--use_system_ca',
    '--tls-min-v1.3',
    '--tls-cipher-list=ECDHE-RSA-AES128-GCM-SHA256',
    '--enable-fips',
    '--force-fips',
    '--openssl-config=/etc/fips.cnf',
    '--secure-heap=4096',
  ])('%s', (flag) => {
    const cause = `Node was started with ${flag.split('=', 1)[0]}`;
    expect(whyUnfit({ environment: {}, execArgv: ['--expose-gc', flag] })).toBe(cause);
  });
});
