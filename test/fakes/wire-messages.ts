/** One request or answer of HTTP/1.1, in the letters of the wire. */
export interface WireMessage {
  /** Start line and header lines, without their line ends. Bytes as Latin-1. */
  readonly head: readonly string[];
  /** Of a chunked body: the size line of each chunk, extensions included, the last (`0`) as well. */
  readonly chunks: readonly string[];
  readonly body: Buffer;
  readonly trailers: readonly string[];
  /** False where the bytes end before the message does. */
  readonly isWhole: boolean;
  /** Where it begins among the bytes. */
  readonly start: number;
}

/**
 * The messages in all the bytes that went one way over one connection. Strict: what is no HTTP/1.1 throws, so that a
 * fault of framing is not taken for a short message.
 */
export function messagesOf(bytes: Buffer): WireMessage[] {
  const messages: WireMessage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const message = messageAt(bytes, at);
    messages.push(message);
    at = message.end;
  }
  return messages;
}

/** The value of a header, whatever the letters of its name. */
export function headerOf({ head }: Pick<WireMessage, 'head'>, name: string): string | undefined {
  const line = head.slice(1).find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

function messageAt(bytes: Buffer, start: number): WireMessage & { readonly end: number } {
  const reader = readerOf(bytes, start);
  const head = reader.linesToEmpty();
  const message = { head, chunks: [], body: Buffer.alloc(0), trailers: [], start };
  if (!reader.isWhole) return { ...message, isWhole: false, end: bytes.length };

  if (headerOf(message, 'Transfer-Encoding')?.toLowerCase() === 'chunked') {
    const chunks: string[] = [];
    const pieces: Buffer[] = [];
    for (let size = -1; size !== 0 && reader.isWhole; ) {
      const line = reader.line();
      if (line === undefined) break;
      if (!/^[0-9a-f]+ *(;.*)?$/i.test(line)) throw new Error(`no size of a chunk: ${JSON.stringify(line)}`);
      size = Number.parseInt(line, 16);
      chunks.push(line);
      if (size > 0) pieces.push(reader.bytes(size));
      if (size > 0 && reader.isWhole && reader.line()) throw new Error(`a chunk is longer than its size: ${line}`);
    }
    const trailers = reader.isWhole ? reader.linesToEmpty() : [];
    return { ...message, chunks, body: Buffer.concat(pieces), trailers, isWhole: reader.isWhole, end: reader.at };
  }
  const length = headerOf(message, 'Content-Length');
  const isUntilClose = length === undefined && /^HTTP\/1\.1 (?!1\d\d|204|304)/.test(head[0] ?? '');
  const body = reader.bytes(isUntilClose ? bytes.length - reader.at : Number(length ?? 0));
  return { ...message, body, isWhole: reader.isWhole, end: reader.at };
}

function readerOf(all: Buffer, start: number) {
  let at = start;
  let isWhole = true;
  const line = (): string | undefined => {
    const end = all.indexOf('\r\n', at);
    if (end < 0) {
      isWhole = false;
      at = all.length;
      return undefined;
    }
    const text = all.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  return {
    get at() {
      return at;
    },
    get isWhole() {
      return isWhole;
    },
    line,
    /** Lines until an empty one, which is read and not given. */
    linesToEmpty(): string[] {
      const lines: string[] = [];
      for (let next = line(); next; next = line()) lines.push(next);
      return lines;
    },
    bytes(count: number): Buffer {
      const piece = all.subarray(at, at + count);
      if (piece.length < count) isWhole = false;
      at += piece.length;
      return piece;
    },
  };
}
