import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { AWS_ROOTS, rootsText } from '../../../build/client/roots.ts';

const TEXT = rootsText();
const certificates = (TEXT.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
  (pem) => new X509Certificate(pem),
);

it('the roots of AWS are five, each the one that its name says, and signed by itself', () => {
  const found = certificates.map(({ subject, fingerprint256 }) => [/^CN=(.+)$/m.exec(subject)?.[1], fingerprint256]);
  expect(Object.fromEntries(found)).toEqual(AWS_ROOTS);
  expect(found).toHaveLength(5);
  for (const certificate of certificates) expect(certificate.verify(certificate.publicKey)).toBe(true);
});

it('none of them ends within five years of this release', () => {
  for (const { validTo } of certificates) expect(Date.parse(validTo)).toBeGreaterThan(Date.UTC(2031, 11));
});

it('a build whose Node lacks one ends with one line that names it', () => {
  const [, second, ...others] = rootCertificates.filter((pem) => TEXT.includes(pem.trim()));
  expect(second).toBeDefined();
  expect(() => rootsText(others)).toThrow(
    /^(?:Amazon|Starfield)[\w -]+ \(SHA-256 [\dA-F:]{95}\) is no root of Node v[^\n]+$/,
  );
});
