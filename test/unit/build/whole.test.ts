import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFile, makeFolder } from '../../../build/output/whole.ts';

let dist: string;
beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'whole-'));
});
afterEach(() => rmSync(dist, { recursive: true }));

const put = (folder: string, name: string) => writeFileSync(join(folder, name), name);
const target = () => join(dist, 'made');

describe('a folder that the build makes', () => {
  it('takes the place of the older one, with nothing of it left', async () => {
    await makeFolder(target(), (making) => put(making, 'first'));
    await makeFolder(target(), (making) => put(making, 'second'));
    expect(readdirSync(target())).toEqual(['second']);
    expect(readdirSync(dist)).toEqual(['made']);
  });

  it('is not there before it is whole, and the older one is until then', async () => {
    const seen: (readonly string[])[] = [];
    const look = (making: string) => {
      seen.push(existsSync(target()) ? readdirSync(target()) : []);
      put(making, 'first');
    };
    await makeFolder(target(), look);
    await makeFolder(target(), look);
    expect(seen).toEqual([[], ['first']]);
  });

  it('stays as it was where making fails, and nothing lies about', async () => {
    await makeFolder(target(), (making) => put(making, 'first'));
    const failing = makeFolder(target(), (making) => {
      put(making, 'half');
      throw new Error('no compiler');
    });
    await expect(failing).rejects.toThrow('no compiler');
    expect(readdirSync(target())).toEqual(['first']);
    expect(readdirSync(dist)).toEqual(['made']);
  });

  it('has nothing of what a killed process of the same id left behind', async () => {
    for (const rest of ['', '-replaced']) {
      mkdirSync(join(dist, `.made-${process.pid}${rest}`));
      put(join(dist, `.made-${process.pid}${rest}`), 'stale');
    }
    put(dist, 'another');
    mkdirSync(target());
    put(target(), 'old');
    await makeFolder(target(), (making) => put(making, 'new'));
    expect(readdirSync(target())).toEqual(['new']);
    expect(readdirSync(dist)).toEqual(['another', 'made']);
  });

  it('is not tried for ever where what was made is gone', async () => {
    const gone = makeFolder(target(), (making) => rmSync(making, { recursive: true }));
    await expect(gone).rejects.toThrow('ENOENT');
  });
});

describe('a file that the build makes', () => {
  it('gets its folder, its mode, and no neighbour', () => {
    const file = join(dist, 'man', 'page');
    makeFile(file, 'text', 0o755);
    makeFile(file, 'newer', 0o755);
    expect(readFileSync(file, 'utf8')).toBe('newer');
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(dist, 'man'))).toEqual(['page']);
  });

  it('stays as it was where it cannot be put in place, and nothing lies about', () => {
    mkdirSync(join(dist, 'folder', 'full'), { recursive: true });
    expect(() => makeFile(join(dist, 'folder'), 'text')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(dist)).toEqual(['folder']);
  });
});
