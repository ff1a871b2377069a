/** An answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What the bytes so far come to. */
export type ReadAnswer =
  /** An answer, and whether its connection may carry another request. */
  | { readonly kind: 'whole'; readonly answer: HttpAnswer; readonly keepsConnection: boolean }
  /** It cannot be whole before so many bytes are there, from the first one on. */
  | { readonly kind: 'part'; readonly leastBytes: number };

/** What is not HTTP, or not as it says itself. */
class HttpAnswerError extends Error {
  override readonly name = 'HttpAnswerError';
  /** The system's own word for a peer that does not speak as it should. */
  readonly code = 'EPROTO';
}

/** The latest status line and headers, and where the body begins. */
interface Head {
  readonly version: string;
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  readonly bodyFrom: number;
}

/** A body, and where it ends in what was received. */
interface Body {
  readonly kind: 'body';
  readonly bytes: Buffer;
  readonly until: number;
}

type Part = ReadAnswer & { readonly kind: 'part' };

const END_OF_HEAD = '\r\n\r\n';
const END_OF_LINE = '\r\n';

/**
 * Reads the answer to one `POST` out of what was received so far: HTTP/1.1 as in RFC 9112, with a length, in chunks, or up
 * to the end of the connection. Pure: it begins anew at each call, so it is to be called again only once there is enough.
 *
 * @param ended whether the peer has ended the connection
 * @throws HttpAnswerError for what will never be an answer
 */
export function readAnswer(received: Buffer, ended: boolean): ReadAnswer {
  const head = finalHead(received);
  if (!head) return { kind: 'part', leastBytes: received.length + 1 };
  const body = readBody(received, head, ended);
  if (body.kind === 'part') return body;
  const { version, status, headers } = head;
  return {
    kind: 'whole',
    answer: { status, headers, body: body.bytes.toString('utf8') },
    keepsConnection:
      !ended && version === '1.1' && body.until === received.length && !/\bclose\b/i.test(headers['connection'] ?? ''),
  };
}

/** The head of the answer itself: interim ones (100, 103) come before it. RFC 9110, section 15.2. */
function finalHead(received: Buffer): Head | undefined {
  let head = readHead(received, 0);
  while (head && head.status < 200) head = readHead(received, head.bodyFrom);
  return head;
}

function readHead(received: Buffer, from: number): Head | undefined {
  const end = received.indexOf(END_OF_HEAD, from, 'latin1');
  if (end < 0) {
    const begun = received.toString('latin1', from, from + 5);
    if ('HTTP/'.startsWith(begun) || begun === 'HTTP/') return undefined;
    throw new HttpAnswerError('the answer is not HTTP');
  }
  const [statusLine = '', ...lines] = received.toString('latin1', from, end).split(END_OF_LINE);
  const [, version = '', status] = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (status === undefined) throw new HttpAnswerError('the answer is not HTTP/1.1');
  const headers: Head['headers'] = {};
  for (const line of lines) {
    const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new HttpAnswerError('a header of the answer is malformed');
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return { version, status: Number(status), headers, bodyFrom: end + END_OF_HEAD.length };
}

/** In the order of RFC 9112, section 6.3. */
function readBody(received: Buffer, { status, headers, bodyFrom }: Head, ended: boolean): Body | Part {
  if (status === 204 || status === 304) return { kind: 'body', bytes: Buffer.alloc(0), until: bodyFrom };
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      throw new HttpAnswerError(`the answer is ${coding}, which nobody asked for`);
    return readChunks(received, bodyFrom);
  }
  const length = headers['content-length'];
  if (length === undefined) {
    return ended
      ? { kind: 'body', bytes: received.subarray(bodyFrom), until: received.length }
      : { kind: 'part', leastBytes: received.length + 1 };
  }
  if (!/^\d+$/.test(length)) throw new HttpAnswerError('the answer has no length that is a number');
  const until = bodyFrom + Number(length);
  return received.length < until
    ? { kind: 'part', leastBytes: until }
    : { kind: 'body', bytes: received.subarray(bodyFrom, until), until };
}

/** RFC 9112, section 7.1: chunks up to an empty one, then trailers, which say nothing to us, up to an empty line. */
function readChunks(received: Buffer, bodyFrom: number): Body | Part {
  const chunks: Buffer[] = [];
  for (let at = bodyFrom; ; ) {
    const endOfSize = received.indexOf(END_OF_LINE, at, 'latin1');
    if (endOfSize < 0) return { kind: 'part', leastBytes: received.length + 1 };
    const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;|$)/i.exec(received.toString('latin1', at, endOfSize)) ?? [];
    if (digits === undefined) throw new HttpAnswerError('a chunk of the answer has no size');
    const size = Number.parseInt(digits, 16);
    const from = endOfSize + END_OF_LINE.length;
    if (size === 0) {
      const until = endOfTrailers(received, from);
      return until === undefined
        ? { kind: 'part', leastBytes: received.length + 1 }
        : { kind: 'body', bytes: Buffer.concat(chunks), until };
    }
    const end = from + size + END_OF_LINE.length;
    if (received.length < end) return { kind: 'part', leastBytes: end };
    chunks.push(received.subarray(from, from + size));
    at = end;
    if (received.toString('latin1', from + size, at) !== END_OF_LINE) {
      throw new HttpAnswerError('a chunk of the answer is longer than it says');
    }
  }
}

function endOfTrailers(received: Buffer, from: number): number | undefined {
  // No trailer is the usual case: the empty line follows at once.
  const end = received.indexOf(END_OF_HEAD, from - END_OF_LINE.length, 'latin1');
  return end < 0 ? undefined : end + END_OF_HEAD.length;
}
