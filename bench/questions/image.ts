import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildImage, copyContext, docker, isEngineThere } from '../../test/container/containers.ts';
import { type Finding, writeMegabytes, writeSeconds } from '../measure/findings.ts';
import { estimate } from '../measure/pairs.ts';

/** What it is built on unless told otherwise. */
const BASE = 'node:24-bookworm-slim';

/** Size of the image over its base, and the time until an edit of the handler is in it. */
export async function measureImage({ edits = 5 } = {}): Promise<Finding[]> {
  if (!isEngineThere) {
    console.error('image: not measured, because no Docker engine answers');
    return [];
  }
  const context = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    copyContext(context);
    await using image = await buildImage({ context });
    const addedBytes = (await sizeOf(image.tag)) - (await sizeOf(BASE));
    const rebuildsMs: number[] = [];
    for (let edit = 0; edit < edits; edit += 1) rebuildsMs.push(await rebuildMs(context, edit));
    return [
      {
        what: 'the image, over its base',
        target: { kind: 'at most', value: 5e6 },
        figure: { value: addedBytes, low: addedBytes, high: addedBytes },
        write: writeMegabytes,
        basis: `${writeMegabytes(await sizeOf(image.tag))} against ${writeMegabytes(await sizeOf(BASE))}`,
      },
      {
        what: 'docker build after an edit of the handler',
        target: { kind: 'at most', value: 10_000 },
        figure: estimate(rebuildsMs),
        write: writeSeconds,
        basis: `${edits} edits`,
      },
    ];
  } finally {
    rmSync(context, { recursive: true });
  }
}

async function rebuildMs(context: string, edit: number): Promise<number> {
  appendFileSync(join(context, 'handler', 'index.mjs'), `// edit ${edit} of ${process.pid}\n`);
  const startedAt = Date.now();
  await using _ = await buildImage({ context });
  return Date.now() - startedAt;
}

async function sizeOf(tag: string): Promise<number> {
  return Number(await docker('image', 'inspect', '--format', '{{.Size}}', tag));
}
