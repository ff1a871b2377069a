import { UPSTREAM } from '../../ric/patch/upstream.ts';
import { CURL_LIST, CURL_VERSION, REASONS } from './curl-vulnerabilities.ts';

/**
 * What scanners need not report of the linked curl, as OpenVEX 0.2.0 (https://github.com/openvex/spec). The products are
 * named as the client's bill of materials names them. The same data gives the same text.
 */
export function vexNote(): string {
  const curl = UPSTREAM.linked.find(({ name }) => name === 'curl');
  const products = [
    { '@id': `pkg:npm/${UPSTREAM.package}@${UPSTREAM.version}`, subcomponents: [{ '@id': curl?.purl }] },
    { '@id': curl?.purl },
  ];
  const note = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:maintenance-window:vex:curl-${CURL_VERSION}:${CURL_LIST.asOf}`,
    author: 'maintainers of maintenance-window',
    timestamp: `${CURL_LIST.asOf}T00:00:00Z`,
    version: 1,
    statements: REASONS.flatMap(({ justification, statement, vulnerabilities }) =>
      vulnerabilities.map((name) => ({
        vulnerability: { '@id': `https://curl.se/docs/${name}.html`, name },
        products,
        status: 'not_affected',
        justification,
        impact_statement: statement,
      })),
    ),
  };
  return `${JSON.stringify(note, null, 2)}\n`;
}
