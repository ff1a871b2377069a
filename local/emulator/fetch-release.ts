import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Upper bound for one way of getting the file: a network that drops packets must not hold up the other. */
const FIRST_BYTE_LIMIT_MS = 5_000;
const STALL_LIMIT_MS = 10_000;
/** Number of progress lines. */
const STEPS = 4;

/**
 * Downloads a file. Follows redirects, as GitHub's releases need.
 *
 * @throws an error that says in a few words why it did not come
 */
export async function fetchFromRelease(
  url: string,
  file: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  const patience = (ms: number) => setTimeout(() => silence.abort(new Error(`nothing came for ${ms / 1000} s`)), ms);
  let timer = patience(FIRST_BYTE_LIMIT_MS);
  const limits = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
  try {
    const response = await fetch(url, { signal: limits });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    const watch = progress(Number(response.headers.get('content-length')), say, () => {
      clearTimeout(timer);
      timer = patience(STALL_LIMIT_MS);
    });
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(file), { signal: limits });
  } catch (error) {
    limits.throwIfAborted();
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  } finally {
    clearTimeout(timer);
  }
}

function progress(totalBytes: number, say: (line: string) => void, heard: () => void): Transform {
  let bytes = 0;
  let said = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      heard();
      bytes += chunk.length;
      const step = totalBytes > 0 ? Math.floor((bytes * STEPS) / totalBytes) : 0;
      if (step > said) say(`  ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`);
      said = Math.max(said, step);
      pass(null, chunk);
    },
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
