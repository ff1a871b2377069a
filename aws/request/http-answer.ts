/** An answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** An answer, and whether its connection may carry another request. */
export interface ReadAnswer {
  readonly answer: HttpAnswer;
  readonly keepsConnection: boolean;
}

/**
 * Incremental reader of the answer to one `POST`: HTTP/1.1 as in RFC 9112, with a length, in chunks, or up to the end
 * of the connection. Undefined until the answer is whole; not to be used afterwards.
 */
export interface AnswerReader {
  /** @throws HttpAnswerError for what will never be an answer */
  push(bytes: Buffer): ReadAnswer | undefined;
  /** The peer has ended the connection. */
  end(): ReadAnswer | undefined;
}

/** What is not HTTP, or not as it says itself. */
class HttpAnswerError extends Error {
  override readonly name = 'HttpAnswerError';
  /** The system's own word for a peer that does not speak as it should. */
  readonly code = 'EPROTO';
}

/** The status line and the headers. */
interface Head {
  readonly version: string;
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  readonly framing: Framing;
}

/** How the body ends. RFC 9112, section 6.3. */
type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunks' }
  | { readonly kind: 'connection' };

/** Bytes that a head, the line before a chunk, or the trailers may have. AWS has its own client take 80 kB. */
const LONGEST_HEAD = 128 << 10;
/** Bytes that an answer may have. The largest, an invocation behind the proxy, has 6 MB; memory for more may not be there. */
const LARGEST = 32 << 20;
const END_OF_HEAD = '\r\n\r\n';
const END_OF_LINE = '\r\n';

/** Parses each byte once, but for those of an unfinished line or chunk, and at these only once enough are there. */
export function createAnswerReader(): AnswerReader {
  /** What came and is not read yet. */
  let pieces: Buffer[] = [];
  let unread = 0;
  let received = 0;
  /** Before so many unread bytes are there, looking at them is in vain. */
  let least = 1;
  let head: Head | undefined;
  const chunks: Buffer[] = [];

  return {
    push(bytes) {
      received += bytes.length;
      if (received > LARGEST) throw new HttpAnswerError('the answer is larger than 32 MB');
      pieces.push(bytes);
      unread += bytes.length;
      return unread < least ? undefined : look(false);
    },
    end: () => look(true),
  };

  function look(ended: boolean): ReadAnswer | undefined {
    head ??= nextHead();
    if (!head) return undefined;
    const body = readBody(head.framing, ended);
    if (!body) return undefined;
    const { version, status, headers } = head;
    return {
      answer: { status, headers, body: body.toString('utf8') },
      keepsConnection: !ended && version === '1.1' && unread === 0 && !/\bclose\b/i.test(headers['connection'] ?? ''),
    };
  }

  /** The head of the answer itself: interim ones (100, 103) come before it. RFC 9110, section 15.2. */
  function nextHead(): Head | undefined {
    for (;;) {
      const bytes = all();
      const end = endIn(bytes, END_OF_HEAD, 0);
      if (end < 0) {
        const begun = bytes.toString('latin1', 0, 5);
        if (!'HTTP/'.startsWith(begun)) throw new HttpAnswerError('the answer is not HTTP');
        least = unread + 1;
        return undefined;
      }
      const found = headIn(bytes.toString('latin1', 0, end));
      skip(end + END_OF_HEAD.length);
      if (found.status >= 200) return found;
    }
  }

  function readBody(framing: Framing, ended: boolean): Buffer | undefined {
    switch (framing.kind) {
      case 'chunks':
        return readChunks() ? Buffer.concat(chunks) : undefined;
      case 'length':
        least = framing.bytes;
        return unread < least ? undefined : take(framing.bytes);
      case 'connection':
        least = Number.POSITIVE_INFINITY;
        return ended ? take(unread) : undefined;
    }
  }

  /** RFC 9112, section 7.1: chunks up to an empty one, then trailers, which say nothing to us, up to an empty line. */
  function readChunks(): boolean {
    const bytes = all();
    let at = 0;
    const stop = (leastBytes: number) => {
      skip(at);
      least = leastBytes - at;
      return false;
    };
    for (;;) {
      const endOfSize = endIn(bytes, END_OF_LINE, at);
      if (endOfSize < 0) return stop(bytes.length + 1);
      const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;|$)/i.exec(bytes.toString('latin1', at, endOfSize)) ?? [];
      if (digits === undefined) throw new HttpAnswerError('a chunk of the answer has no size');
      const size = Number.parseInt(digits, 16);
      const from = endOfSize + END_OF_LINE.length;
      if (size === 0) {
        // No trailer is the usual case: the empty line follows at once.
        const end = endIn(bytes, END_OF_HEAD, from - END_OF_LINE.length);
        if (end < 0) return stop(bytes.length + 1);
        skip(end + END_OF_HEAD.length);
        return true;
      }
      const end = from + size + END_OF_LINE.length;
      if (bytes.length < end) return stop(end);
      if (bytes.toString('latin1', from + size, end) !== END_OF_LINE) {
        throw new HttpAnswerError('a chunk of the answer is longer than it says');
      }
      chunks.push(bytes.subarray(from, from + size));
      at = end;
    }
  }

  function all(): Buffer {
    const [first] = pieces;
    const bytes = pieces.length === 1 && first ? first : Buffer.concat(pieces);
    pieces = [bytes];
    return bytes;
  }

  function take(length: number): Buffer {
    const bytes = all();
    skip(length);
    return bytes.subarray(0, length);
  }

  function skip(length: number): void {
    pieces = [all().subarray(length)];
    unread -= length;
  }
}

/** Where what begins at `from` ends; negative while it does not. What never ends would be looked through with each piece. */
function endIn(bytes: Buffer, mark: string, from: number): number {
  const end = bytes.indexOf(mark, from, 'latin1');
  if ((end < 0 ? bytes.length : end) - from > LONGEST_HEAD) {
    throw new HttpAnswerError('the head of the answer is longer than 128 kB');
  }
  return end;
}

function headIn(text: string): Head {
  const [statusLine = '', ...lines] = text.split(END_OF_LINE);
  const [, version = '', digits] = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (digits === undefined) throw new HttpAnswerError('the answer is not HTTP/1.1');
  const headers: Head['headers'] = {};
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new HttpAnswerError('a header of the answer is malformed');
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  const status = Number(digits);
  return { version, status, headers, framing: framingOf(status, headers) };
}

function framingOf(status: number, headers: Head['headers']): Framing {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      throw new HttpAnswerError(`the answer is ${coding}, which nobody asked for`);
    if (length !== undefined) throw new HttpAnswerError('the answer has a length, and comes in chunks');
    return { kind: 'chunks' };
  }
  if (length === undefined) return { kind: 'connection' };
  const bytes = Number(length);
  if (!/^\d+$/.test(length) || !Number.isSafeInteger(bytes)) {
    throw new HttpAnswerError('the answer has no length that is a number');
  }
  return { kind: 'length', bytes };
}
