import { fault, type Parsed, parsed } from '../text/parsed.ts';

/** A block of addresses: those that begin with the same bits. */
export interface Cidr {
  readonly address: Address;
  /** How many bits are the same. */
  readonly bits: number;
}

/** Bytes of an IPv4 address, or the eight groups of an IPv6 address, of 16 bits each. */
interface Address {
  readonly version: 4 | 6;
  readonly groups: readonly number[];
}

const LENGTHS = { 4: 32, 6: 128 } as const;
const WIDTHS = { 4: 8, 6: 16 } as const;
/** That of `ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff`. */
const MAX_TEXT_LENGTH = 39;

/** Reads a block: `10.0.0.0/24`, `2001:db8::/32`. One of a single address is refused, as EventBridge does: it has its own text. */
export function parseCidr(text: string): Parsed<Cidr> {
  const [base = '', mask = '', ...more] = text.split('/');
  const address = parseAddress(base);
  if (!address || more.length > 0 || !/^\d{1,3}$/.test(mask)) {
    return fault('is no block of addresses; write one such as 10.0.0.0/24 or 2001:db8::/32');
  }
  const { version } = address;
  const [bits, length] = [Number(mask), LENGTHS[version]];
  return bits < length
    ? parsed({ address, bits })
    : fault(`has too many bits: write 0 to ${length - 1} of IPv${version}, or the address by itself`);
}

/** Whether a text is an address of the block. */
export function isInCidr(text: string, { address: { version, groups }, bits }: Cidr): boolean {
  if ((version === 6) !== text.includes(':')) return false;
  const other = parseAddress(text);
  if (!other) return false;
  let left = bits;
  for (let index = 0; left > 0; index += 1) {
    const free = Math.max(0, WIDTHS[version] - left);
    if ((groups[index] ?? 0) >> free !== (other.groups[index] ?? 0) >> free) return false;
    left -= WIDTHS[version];
  }
  return true;
}

function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const groups = text.split('.').map(Number);
  return groups.every((group) => group < 256) ? { version: 4, groups } : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const [before, after] = [groupsOf(left), groupsOf(right ?? '')];
  const missing = 8 - before.length - after.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<number>(missing).fill(0), ...after];
  return groups.some(Number.isNaN) ? undefined : { version: 6, groups };
}

function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').map((group) => (/^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN));
}
