import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json'));

describe('what is fetched', () => {
  const images = [...read('docker-compose.yml').matchAll(/^ *image: *(\S+)$/gm)].map(([, image]) => image ?? '');
  const bases = [...read('Dockerfile').matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, image]) => image ?? '');

  it('is images of a version, and never of the latest one', () => {
    expect(images).toHaveLength(2);
    expect(bases.length).toBeGreaterThan(0);
    for (const image of [...images, ...bases]) expect(image).toMatch(/^[\w./-]+:\d[\w.-]*(?:@sha256:[0-9a-f]{64})?$/);
  });

  it.runIf(existsSync(join(root, '.ci/run')))('is the same in CI', () => {
    const script = "sed -n 's/^ *image: *//p' docker-compose.yml";
    expect(read('.ci/run')).toContain(script);
    expect(execFileSync('sh', ['-c', script], { cwd: root, encoding: 'utf8' }).trim().split('\n')).toEqual(images);
  });
});

it('the version of the project stands in its package.json, and elsewhere in the changelog alone', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const sources = files.filter(
    (file) =>
      file !== 'CHANGELOG.md' && /\.(?:ts|mjs|cjs|md|yml)$|(?:^|\/)[\w-]+$/.test(file) && existsSync(join(root, file)),
  );
  const quoted = new RegExp(`(?<![\\w.])${version.replaceAll('.', '\\.')}(?![\\w.])`);
  expect(sources.filter((file) => quoted.test(read(file)))).toEqual([]);
});
