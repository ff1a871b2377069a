import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../local/cache-folder.ts';
import { hasProxy } from '../../worlds/proxy.ts';

const PROXY_SOURCE = join(import.meta.dirname, '..', '..', '..', 'proxy');

describe.skipIf(!hasProxy)('the framing of HTTP in the proxy', () => {
  it('holds what its own tests say, split at every byte', () => {
    const words = [
      'test',
      '--locked',
      '--package',
      'framing',
      '--target-dir',
      join(cacheFolder(process.env), 'framing-target'),
    ];
    const { status, stdout, stderr } = spawnSync('cargo', words, { cwd: PROXY_SOURCE, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    expect(Number(/(\d+) passed/.exec(stdout)?.[1])).toBeGreaterThan(5);
  });
});
