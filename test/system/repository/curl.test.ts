/** What the VEX note says of the linked curl, held to upstream's sources and to what was compiled of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CURL_VERSION, REASONS } from '../../../build/bill/curl-vulnerabilities.ts';
import { elfNeeds } from '../../../build/machine/elf.ts';
import { UPSTREAM } from '../../../ric/patch/upstream.ts';

const upstream = join(import.meta.dirname, '../../../ric/upstream/node_modules', UPSTREAM.package);
const [curl, client] = UPSTREAM.linked.map(({ archive }) => join(upstream, archive));

function sourceIn(archive: string | undefined, file: string): string {
  const words = ['-xJOf', archive ?? '', file];
  return execFileSync('tar', words, { encoding: 'utf8', maxBuffer: 16e6, stdio: ['ignore', 'pipe', 'ignore'] });
}

it('the archive has the version that the note is of', () => {
  expect(sourceIn(curl, './include/curl/curlver.h')).toContain(`#define LIBCURL_VERSION "${CURL_VERSION}"\n`);
});

it('upstream’s client sets the options that the note rests on, for each request, and none that it excludes', () => {
  const source = sourceIn(client, './src/runtime.cpp');
  const requests = source.split('curl_easy_reset(').slice(1);
  expect(requests).toHaveLength(2);
  for (const option of REASONS.flatMap(({ set = [] }) => set)) {
    const isOfOneMethod = /HTTPGET|POST/.test(option);
    const setting = requests.filter((request) => request.includes(option));
    expect([option, setting.length]).toEqual([option, isOfOneMethod ? 1 : 2]);
  }
  const named = new Set(source.match(/CURLOPT_\w+/g));
  expect(named.size).toBeGreaterThan(10);
  expect(REASONS.flatMap(({ neverSet = [] }) => neverSet).filter((option) => named.has(option))).toEqual([]);
});

it('the compiled client speaks HTTP and no other protocol, and resolves names without signals where they are forbidden', () => {
  const bytes = readFileSync(join(upstream, 'rapid-client.node'));
  // Its symbols are taken off: what tells is data that a protocol's or a feature's code cannot do without.
  const compiled = bytes.toString('latin1');
  const schemes =
    /(?<=\0)(DICT|FILE|FTPS?|GOPHERS?|HTTPS?|IMAPS?|LDAPS?|MQTT|POP3S?|RTM?P\w*|RTSP|SCP|SFTP|SMBS?|SMTPS?|TELNET|TFTP|WSS?)(?=\0)/g;
  expect(new Set(compiled.match(schemes))).toEqual(new Set(['HTTP']));
  expect(compiled).toContain(`libcurl v${CURL_VERSION}`);
  const features =
    /OpenSSL|GnuTLS|deflate|brotli|nghttp2|libssh2|GSS|Set-Cookie:|\.netrc|SOCKS5|Strict-Transport-Security:/g;
  expect(compiled.match(features)).toBeNull();
  const ofEveryMachine = /^(libc|libm|libdl|libpthread|librt|libgcc_s|ld-linux-[\w-]+)\.so\.\d$/;
  expect(elfNeeds(bytes).libraries.filter((library) => !ofEveryMachine.test(library))).toEqual([]);
  expect(sourceIn(curl, './lib/hostip.c')).toMatch(/if\(data->set\.no_signal\)\n[^\n]*\n *timeout = 0;/);
});
