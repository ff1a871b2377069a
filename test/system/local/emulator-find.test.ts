import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findEmulator, type Search } from '../../../local/emulator/find.ts';
import { assetFor } from '../../../local/emulator/release.ts';
import { type LoopbackServer, startServer } from '../../fakes/scripted-service.ts';
import { emulatorFile } from '../../worlds/emulator.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';

const ASSET = assetFor(process.arch)?.name ?? '';

describe('finding the emulator', () => {
  let real: Buffer;
  let realFile: string;
  let home: string;
  let cache: string;
  let bin: string;
  const servers: LoopbackServer[] = [];
  /** Where nobody listens. */
  let nowhere: string;
  const said: string[] = [];

  beforeAll(async () => {
    realFile = await emulatorFile();
    real = readFileSync(realFile);
    nowhere = await serve(() => undefined);
    await closeServers();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'home-'));
    cache = join(home, '.cache', 'maintenance-window');
    bin = join(home, 'bin');
    mkdirSync(bin);
    said.length = 0;
  });
  afterEach(async () => {
    await closeServers();
    rmSync(home, { recursive: true, force: true });
  });

  function find(more: Partial<Search> = {}, environment: Record<string, string> = {}): Promise<string> {
    return findEmulator({
      environment: { HOME: home, PATH: bin, ...environment },
      platform: 'linux',
      architecture: process.arch,
      releaseUrl: nowhere,
      say: (line) => said.push(line),
      ...more,
    });
  }
  function program(...path: string[]): string {
    const file = join(home, ...path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
    return file;
  }
  async function closeServers(): Promise<void> {
    for (const server of servers.splice(0)) await server.close();
  }
  async function serve(listener: RequestListener): Promise<string> {
    const server = await startServer(listener);
    servers.push(server);
    return server.url;
  }

  describe('on this machine', () => {
    it('takes what AWS_LAMBDA_RIE names, before the path, before the home folder', async () => {
      const inHome = program('.aws-lambda-rie', 'aws-lambda-rie');
      expect(await find()).toBe(inHome);
      const onPath = program('bin', 'aws-lambda-rie');
      expect(await find()).toBe(onPath);
      const named = program('elsewhere', 'rie');
      expect(await find({}, { AWS_LAMBDA_RIE: named })).toBe(named);
      expect(said).toEqual([]);
    });

    it('does not look elsewhere when AWS_LAMBDA_RIE names no executable file', async () => {
      program('bin', 'aws-lambda-rie');
      for (const named of [join(home, 'missing'), bin]) {
        await expect(find({}, { AWS_LAMBDA_RIE: named })).rejects.toMatchObject({
          name: 'MaintenanceWindow.Missing',
          message: expect.stringContaining(`AWS_LAMBDA_RIE is "${named}"`),
        });
      }
    });

    it('passes over a file that may not be run', async () => {
      chmodSync(program('bin', 'aws-lambda-rie'), 0o644);
      const inHome = program('.aws-lambda-rie', 'aws-lambda-rie');
      expect(await find()).toBe(inHome);
    });

    it('takes what an earlier run fetched, without the network', async () => {
      const cached = join(cache, `${ASSET}-1.37`);
      mkdirSync(cache, { recursive: true });
      copyFileSync(realFile, cached);
      expect(await find()).toBe(cached);
      expect(said).toEqual([]);
    });
  });

  describe('from the release', () => {
    it('downloads it through a redirect, with progress, into the cache folder, and only once', async () => {
      const requests: string[] = [];
      const releaseUrl = await serve((request, response) => {
        requests.push(request.url ?? '');
        if (request.url === `/${ASSET}`) return response.writeHead(302, { location: '/asset' }).end();
        return response.writeHead(200, { 'content-length': real.length }).end(real);
      });
      const file = await find({ releaseUrl });
      expect(file).toBe(join(cache, `${ASSET}-1.37`));
      expect(readFileSync(file).equals(real)).toBe(true);
      expect(said.at(-1)).toMatch(/^ {2}(\d+\.\d) of \1 MB$/);
      expect(await find({ releaseUrl })).toBe(file);
      expect(requests).toEqual([`/${ASSET}`, '/asset']);
      execFileSync('sh', ['-c', `"${file}" --log-level nonsense; test $? = 1`], { stdio: 'ignore' });
    });

    it('keeps it in XDG_CACHE_HOME where that is set', async () => {
      const releaseUrl = await serve((_, response) => response.end(real));
      const file = await find({ releaseUrl }, { XDG_CACHE_HOME: join(home, 'xdg') });
      expect(file).toBe(join(home, 'xdg', 'maintenance-window', `${ASSET}-1.37`));
    });

    it('fetches again what was damaged since', async () => {
      const releaseUrl = await serve((_, response) => response.end(real));
      const file = await find({ releaseUrl });
      writeFileSync(file, real.subarray(0, 1_000));
      expect(await find({ releaseUrl })).toBe(file);
      expect(readFileSync(file).equals(real)).toBe(true);
    });

    it('keeps nothing of a file with another checksum', async () => {
      const releaseUrl = await serve((_, response) => response.end('<html>Please log in to this network</html>'));
      await expect(find({ releaseUrl })).rejects.toMatchObject({
        name: 'MaintenanceWindow.Missing',
        message: expect.stringMatching(/what came is not the emulator: its SHA-256 is [\da-f]{64}, not [\da-f]{64}/),
      });
      expect(readdirSync(cache)).toEqual([]);
    });

    it('keeps nothing of a download that breaks off', async () => {
      const releaseUrl = await serve((_, response) => {
        response.writeHead(200, { 'content-length': real.length });
        response.write(real.subarray(0, 100_000), () => response.destroy());
      });
      await expect(find({ releaseUrl })).rejects.toMatchObject({ name: 'MaintenanceWindow.Missing' });
      expect(readdirSync(cache)).toEqual([]);
    });

    it('lets several runs side by side fetch it, each in its own time', async () => {
      let served = 0;
      const releaseUrl = await serve(async (_, response) => {
        served += 1;
        response.write(real.subarray(0, 1_000_000));
        while (served < 3) await sleep(5);
        response.end(real.subarray(1_000_000));
      });
      const files = await Promise.all([find({ releaseUrl }), find({ releaseUrl }), find({ releaseUrl })]);
      expect(new Set(files).size).toBe(1);
      expect(served).toBe(3);
      expect(readFileSync(files[0]).equals(real)).toBe(true);
      expect(readdirSync(cache)).toHaveLength(1);
    });

    it('is broken off on demand, and leaves nothing', async () => {
      const interrupt = new AbortController();
      const releaseUrl = await serve((_, response) => {
        response.write('a', () => interrupt.abort(new Error('interrupted')));
      });
      const found = find({ releaseUrl, signal: interrupt.signal });
      await expect(found).rejects.toThrow('interrupted');
      expect(readdirSync(cache)).toEqual([]);
    });
  });

  describe('out of the Python package', () => {
    /** A python3 on the path whose pip brings a wheel from a folder; for all else it is the real one. */
    function fakePython(wheelContent: Buffer): void {
      const wheel = join(home, 'aws_sam_cli-1.170.0-py3-none-any.whl');
      const member = join('samcli', 'local', 'rapid', ASSET);
      mkdirSync(join(home, 'samcli', 'local', 'rapid'), { recursive: true });
      writeFileSync(join(home, member), wheelContent);
      execFileSync('python3', ['-m', 'zipfile', '-c', wheel, 'samcli'], { cwd: home });
      const realPython = execFileSync('python3', ['-c', 'import sys; print(sys.executable)']).toString().trim();
      const script = `#!/bin/sh
        case "$*" in
          "-m pip download "*"--no-deps"*" aws-sam-cli==1.170.0")
            while [ "$1" != --dest ]; do shift; done
            exec /bin/cp "${wheel}" "$2" ;;
          "-m pip"*) echo "pip was called with: $*" >&2; exit 1 ;;
        esac
        exec "${realPython}" "$@"\n`;
      writeFileSync(join(bin, 'python3'), script, { mode: 0o755 });
    }

    it('takes it where the release cannot be reached', async () => {
      fakePython(real);
      const file = await find();
      expect(readFileSync(file).equals(real)).toBe(true);
      expect(said).toContainEqual(expect.stringContaining('ECONNREFUSED'));
      expect(readdirSync(cache)).toHaveLength(1);
    });

    it('takes it where the release is not what it should be', async () => {
      fakePython(real);
      const releaseUrl = await serve((_, response) => response.writeHead(404).end());
      expect(readFileSync(await find({ releaseUrl })).equals(real)).toBe(true);
      expect(said).toContain('  … HTTP 404');
    });

    describe('by a clock of its own', () => {
      useTurnClock();

      it('gives up on a server that says nothing before a reader does', async () => {
        fakePython(real);
        const releaseUrl = await serve(() => undefined);
        expect(readFileSync(await find({ releaseUrl })).equals(real)).toBe(true);
        expect(said).toContain('  … nothing came for 5 s');
      });
    });

    it('checks it all the same', async () => {
      fakePython(Buffer.from('not the emulator'));
      await expect(find()).rejects.toMatchObject({ message: expect.stringContaining('what came is not the emulator') });
      expect(readdirSync(cache)).toEqual([]);
    });
  });

  describe('nowhere', () => {
    it('says in one message what was tried, why it failed, and what to do', async () => {
      const fault = await find().catch((error) => error);
      expect(fault.name).toBe('MaintenanceWindow.Missing');
      expect(fault.message.split('\n')).toEqual([
        'The Lambda Runtime Interface Emulator is not on this machine and could not be fetched:',
        expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+\/aws-lambda-rie-\w+: \S/),
        '  the Python package aws-sam-cli==1.170.0: there is no python3 on the path',
        'Bring it yourself, or name a copy in AWS_LAMBDA_RIE:',
        expect.stringContaining(`curl -Lo ~/.aws-lambda-rie/aws-lambda-rie ${nowhere}/${ASSET}`),
      ]);
    });

    it('says what pip said', async () => {
      writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho working >&2\necho "No module named pip" >&2\nexit 1\n', {
        mode: 0o755,
      });
      await expect(find()).rejects.toThrow('aws-sam-cli==1.170.0: No module named pip\n');
    });

    it('says so on another system, and points at the container', async () => {
      for (const platform of ['darwin', 'win32']) {
        await expect(find({ platform })).rejects.toMatchObject({
          name: 'MaintenanceWindow.Missing',
          message: expect.stringMatching(/Linux alone.*docker compose up/),
        });
      }
    });

    it('says so on another processor', async () => {
      await expect(find({ architecture: 'riscv64' })).rejects.toThrow('not made for riscv64');
    });
  });
});
