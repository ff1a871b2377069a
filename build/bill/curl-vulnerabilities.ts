/**
 * What is known of the curl that is linked into upstream's native client, and why none of it can be reached. The one source
 * of the VEX note (`vex.ts`).
 *
 * The client asks the Runtime API alone: plain HTTP/1.1 with GET and POST, to an address that Lambda gives it. Upstream's
 * `scripts/preinstall.sh` compiles everything else out; what it leaves in is not called.
 */

/** The version that the list below is of. */
export const CURL_VERSION = '7.83.1';

/** Source: `docs/vuln.pm` of https://github.com/curl/curl-www, every entry whose versions include {@link CURL_VERSION}. */
export const CURL_LIST = { commit: '8aff96ae759daa3bd7298c4f62233ad0056aeb3d', asOf: '2026-08-22' } as const;

/** Why some vulnerabilities do not matter here, and what shows it. */
export interface Reason {
  /** In OpenVEX's words. */
  readonly justification:
    | 'component_not_present'
    | 'vulnerable_code_not_present'
    | 'vulnerable_code_not_in_execute_path';
  readonly statement: string;
  /** Options of curl's `configure` by which upstream leaves the code out. */
  readonly configured?: readonly string[];
  /** Options that upstream's C++ client sets on its handle, as its source has them. */
  readonly set?: readonly string[];
  /** Options that it would have to set, and does not. */
  readonly neverSet?: readonly string[];
  /** By CVE. */
  readonly vulnerabilities: readonly string[];
}

export const REASONS: readonly Reason[] = [
  {
    justification: 'component_not_present',
    statement: 'It is one of the command line tool, and the library alone is linked.',
    vulnerabilities: ['CVE-2026-12064'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without TLS: the Runtime API is plain HTTP.',
    configured: ['--without-ssl'],
    vulnerabilities: [
      'CVE-2026-8932',
      'CVE-2026-8286',
      'CVE-2026-4873',
      'CVE-2024-8096',
      'CVE-2024-7264',
      'CVE-2023-28321',
    ],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without SSH: SCP and SFTP are not in it.',
    configured: ['--without-libssh2'],
    vulnerabilities: [
      'CVE-2026-9547',
      'CVE-2025-15224',
      'CVE-2025-15079',
      'CVE-2025-10966',
      'CVE-2023-28319',
      'CVE-2023-27538',
      'CVE-2023-27534',
    ],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built with HTTP as its only protocol: SMB, FTP, LDAP and TELNET are not in it.',
    configured: ['--disable-ftp', '--disable-ldap', '--disable-ldaps', '--disable-telnet', '--without-ssl'],
    vulnerabilities: ['CVE-2026-5773', 'CVE-2025-14017', 'CVE-2023-27535', 'CVE-2023-27533', 'CVE-2022-32208'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without proxies, SOCKS among them, and the client names none.',
    configured: ['--disable-proxy'],
    set: ['CURLOPT_PROXY, ""'],
    vulnerabilities: [
      'CVE-2026-8927',
      'CVE-2026-7168',
      'CVE-2026-6253',
      'CVE-2026-3784',
      'CVE-2023-38545',
      'CVE-2022-43552',
      'CVE-2022-42915',
    ],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without Digest and Negotiate, and the client sends no credentials.',
    configured: ['--disable-http-auth', '--disable-crypto-auth', '--without-gssapi', '--disable-sspi'],
    neverSet: ['CURLOPT_HTTPAUTH', 'CURLOPT_USERPWD', 'CURLOPT_USERNAME'],
    vulnerabilities: ['CVE-2026-11856', 'CVE-2026-8458', 'CVE-2026-5545', 'CVE-2026-1965', 'CVE-2023-27536'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without .netrc.',
    configured: ['--disable-netrc'],
    neverSet: ['CURLOPT_NETRC'],
    vulnerabilities: ['CVE-2026-6429', 'CVE-2026-3783', 'CVE-2025-0167', 'CVE-2024-11053'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without cookies.',
    configured: ['--disable-cookies'],
    neverSet: ['CURLOPT_COOKIE', 'CURLOPT_COOKIEFILE', 'CURLOPT_COOKIEJAR'],
    vulnerabilities: [
      'CVE-2026-8924',
      'CVE-2026-6276',
      'CVE-2023-46218',
      'CVE-2023-38546',
      'CVE-2022-35252',
      'CVE-2022-32205',
    ],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without cookies, alternative services and HSTS, so it writes no file.',
    configured: ['--disable-cookies', '--disable-alt-svc', '--disable-hsts'],
    vulnerabilities: ['CVE-2022-32207'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without HSTS.',
    configured: ['--disable-hsts'],
    vulnerabilities: ['CVE-2024-9681', 'CVE-2023-23915', 'CVE-2023-23914', 'CVE-2022-43551', 'CVE-2022-42916'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without HTTP/2, and the client asks for HTTP/1.1.',
    configured: ['--without-nghttp2'],
    set: ['CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1'],
    vulnerabilities: ['CVE-2024-2398'],
  },
  {
    justification: 'vulnerable_code_not_present',
    statement: 'curl is built without gzip, Brotli and Zstandard, and the client asks for no compression.',
    configured: ['--without-zlib', '--without-brotli', '--without-zstd'],
    neverSet: ['CURLOPT_ACCEPT_ENCODING', 'CURLOPT_ENCODING'],
    vulnerabilities: ['CVE-2025-0725', 'CVE-2023-23916', 'CVE-2022-32206'],
  },
  {
    justification: 'vulnerable_code_not_in_execute_path',
    statement: 'The client follows no redirect, and sends no bearer token.',
    neverSet: ['CURLOPT_FOLLOWLOCATION', 'CURLOPT_XOAUTH2_BEARER'],
    vulnerabilities: ['CVE-2025-14524'],
  },
  {
    justification: 'vulnerable_code_not_in_execute_path',
    statement: 'The client sends GET and POST alone: no PUT comes before a POST on its handle.',
    set: ['CURLOPT_HTTPGET, 1L', 'CURLOPT_POST, 1L'],
    neverSet: ['CURLOPT_UPLOAD', 'CURLOPT_PUT', 'CURLOPT_POSTFIELDS'],
    vulnerabilities: ['CVE-2023-28322', 'CVE-2022-32221'],
  },
  {
    justification: 'vulnerable_code_not_in_execute_path',
    statement: 'The client forbids signals, and curl then resolves a name without alarm() and siglongjmp().',
    set: ['CURLOPT_NOSIGNAL, 1L'],
    vulnerabilities: ['CVE-2023-28320'],
  },
];
