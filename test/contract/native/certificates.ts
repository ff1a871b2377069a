/** Certificates of every kind, right and wrong: https://www.rfc-editor.org/rfc/rfc5280. Made when they are asked for. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
  readonly subject: string;
}

/** What a certificate says; without any of it it is right for `localhost`. */
interface Says {
  readonly subject?: string;
  /** Host names; null for no such list. */
  readonly names?: readonly string[] | null;
  readonly addresses?: readonly (readonly number[])[];
  readonly isAuthority?: boolean;
  readonly from?: Date;
  readonly until?: Date;
  /** Object identifiers: that of servers, unless said. */
  readonly uses?: readonly string[];
  readonly key?: KeyObject;
}

/** What a certificate may be used for. */
export const USE = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

const DAY_MS = 86_400_000;

/**
 * Makes a certificate.
 *
 * @param issuer absent for one that is signed by itself
 */
export function certificate(says: Says, issuer?: Certified): Certified {
  const key = says.key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const subject = says.subject ?? 'test only';
  const isRsa = (issuer?.key ?? key.export({ type: 'pkcs8', format: 'pem' }).toString()).length > 400;
  const algorithm = isRsa ? sequence(oid('1.2.840.113549.1.1.11'), tagged(0x05)) : sequence(oid('1.2.840.10045.4.3.2'));
  const told = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name(issuer?.subject ?? subject),
    sequence(instant(says.from ?? later(-DAY_MS)), instant(says.until ?? later(DAY_MS))),
    name(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(says))),
  );
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signature = sign('sha256', told, issuer?.key ?? pem);
  const der = sequence(told, algorithm, tagged(0x03, Buffer.of(0), signature));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: pem, subject };
}

/** An instant so long from now. */
export function later(ms: number): Date {
  return new Date(Date.now() + ms);
}

function extensions({ names = ['localhost'], addresses = [], isAuthority = false, uses = [USE.server] }: Says) {
  const others = [
    ...(names ?? []).map((each) => tagged(0x82, Buffer.from(each, 'latin1'))),
    ...addresses.map((each) => tagged(0x87, Buffer.from(each))),
  ];
  return [
    extension('2.5.29.19', sequence(...(isAuthority ? [tagged(0x01, Buffer.of(0xff))] : []))),
    ...(isAuthority ? [] : [extension('2.5.29.37', sequence(...uses.map(oid)))]),
    ...(others.length === 0 ? [] : [extension('2.5.29.17', sequence(...others))]),
  ];
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, value));
}

function name(common: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(common)))));
}

function instant(at: Date): Buffer {
  return tagged(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const digits = (part: number): number[] => (part < 128 ? [part] : [...digits(Math.floor(part / 128)), part % 128]);
  const bytes = [
    40 * first + second,
    ...rest.flatMap((part) => digits(part).map((each, index, all) => (index + 1 < all.length ? each | 128 : each))),
  ];
  return tagged(0x06, Buffer.from(bytes));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}
