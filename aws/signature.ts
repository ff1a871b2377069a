/** What a request is signed with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A `POST` without a query. */
export interface RequestToSign {
  /** Percent-encoded. */
  readonly path: string;
  /** All of them are signed but for `User-Agent`, which may be changed on the way. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs requests to one service.
 *
 * @param now epoch milliseconds, by the service's clock
 * @returns the request's headers, and those that sign it
 */
export type Signer = (
  request: RequestToSign,
  credentials: Credentials,
  now: number,
) => Readonly<Record<string, string>>;

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Of SHA-256. */
const BLOCK_BYTES = 64;

/**
 * AWS Signature Version 4. Source: IAM user guide, "Create a signed AWS API request".
 *
 * The package `aws4` does the same and more; its first signature costs 2 ms more, which every cold start would pay. A law
 * holds this to it. Node's one-shot hash is taken once, before a handler can wrap it; its HMAC takes a millisecond to load.
 */
export function createSigner(service: string, region: string): Signer {
  const { hash } = process.getBuiltinModule('node:crypto');
  /** Good for a day, and for one key. */
  let derived: { readonly day: string; readonly secret: string; readonly key: Buffer } | undefined;

  return (request, credentials, now) => {
    const time = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const headers = {
      ...request.headers,
      'X-Amz-Date': time,
      ...(credentials.sessionToken && { 'X-Amz-Security-Token': credentials.sessionToken }),
    };
    const signed = signedHeaders(headers);
    const names = signed.map(([name]) => name).join(';');
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = `POST\n${canonicalPath(request.path)}\n\n${lines}\n${names}\n${hash('sha256', request.body)}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = hmac(signingKey(day, credentials.secretAccessKey), text).toString('hex');
    const credential = `Credential=${credentials.accessKeyId}/${scope}`;
    return { ...headers, Authorization: `${ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}` };
  };

  function signingKey(day: string, secret: string): Buffer {
    if (derived?.day !== day || derived.secret !== secret) {
      const key = [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secret}`));
      derived = { day, secret, key };
    }
    return derived.key;
  }

  /** RFC 2104. */
  function hmac(key: Buffer, text: string): Buffer {
    const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    const inner = hash('sha256', Buffer.concat([padded(short, 0x36), Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([padded(short, 0x5c), inner]), 'buffer');
  }
}

function padded(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad;
  return block;
}

/** By names in lower case, in their order; without spaces around a value, and with single ones inside. */
function signedHeaders(headers: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')])
    .filter(([name]) => name !== 'user-agent')
    .sort(([name], [other]) => (name < other ? -1 : 1));
}

/** Encoded once more, as for every service but S3; slashes that stand together count as one. */
function canonicalPath(path: string): string {
  return path
    .split(/\/+/)
    .map((piece) =>
      encodeURIComponent(piece).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}
