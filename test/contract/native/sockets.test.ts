import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Architecture, compileSockets } from '../../../build/client/sockets.ts';
import { type Job, STATES, WAYS } from './ending-program.ts';
import { AUTHORITY, echo, type Peer, peer, tlsPeer } from './peers.ts';
import { SCENARIOS } from './scenarios.ts';

/** With these, what no test sees ends the program with a word about it: https://gcc.gnu.org/onlinedocs/gcc/Instrumentation-Options.html */
const SANITISED = ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover'];
const own = process.arch as Architecture;
const folder = mkdtempSync(join(tmpdir(), 'native-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An addon to test, and how a process is started that loads it. */
interface Build {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

const lookups = join(folder, 'lookups.so');
const words = ['-shared', '-fPIC', '-o', lookups, join(import.meta.dirname, 'lookups.c')];
if (spawnSync('gcc', words, { stdio: 'inherit' }).status !== 0) throw new Error('gcc makes no lookups.so');

const builds: Record<string, Build> = {
  'as it is shipped': build('shipped.node', []),
  ...(libraries(['libasan.so', 'libubsan.so']) && {
    sanitised: build('sanitised.node', ['libasan.so', 'libubsan.so']),
  }),
};

describe.each(Object.entries(builds))('the sockets, %s', (_, { file, env }) => {
  const came = new Map<string, string>();
  let stderr = '';
  beforeAll(async () => {
    const ended = await run('scenarios-program.ts', [file], env);
    stderr = ended.stderr;
    for (const line of ended.stdout.trim().split('\n')) {
      const { name, fault } = JSON.parse(line) as { name: string; fault: string };
      came.set(name, fault);
    }
  });

  it.each(Object.keys(SCENARIOS))('%s', (name) => {
    expect(came.get(name), stderr).toBe('');
  });

  it('have nothing to be said of them by the sanitisers', () => {
    expect(ofOurs(stderr)).toBe('');
  });

  it.each([
    ['nobody’s', []],
    ['a file’s', [join(folder, 'stranger')]],
  ])(
    'where the descriptor that wakes them becomes %s: touch nothing of it, nor of an environment that has ended, and send who asks to Node',
    async (_, stranger) => {
      // What the thread holds stays with it: no leak is looked for.
      const { stdout, stderr, signal } = await run('out-of-reach-program.ts', [file, ...stranger], {
        ...env,
        ASAN_OPTIONS: 'detect_leaks=0',
      });
      expect([signal, ofOurs(stderr)], stderr).toEqual([null, '']);
      expect(JSON.parse(stdout)).toEqual({ heard: ['error ERR_SOCKETS_BROKEN', 'close'], met: 1, written: '' });
    },
  );

  describe('end with their environment', () => {
    const peers: Peer[] = [];
    const jobs: Omit<Job, 'file' | 'roots' | 'ports'>[] = [
      { place: 'worker', way: 'by itself', state: 'nothing' },
      ...STATES.flatMap((state) => WAYS.map((way) => ({ place: 'process', way, state }) as const)),
    ];
    const ends = new Map<string, Awaited<ReturnType<typeof run>>>();
    beforeAll(async () => {
      const ports = await startPeers(peers);
      const left = [...jobs];
      const next = async () => {
        for (let job = left.shift(); job; job = left.shift()) {
          const text = JSON.stringify({ ...job, file, ports, roots: AUTHORITY.cert } satisfies Job);
          ends.set(JSON.stringify(job), await run('ending-program.ts', [text], env));
        }
      };
      await Promise.all([next(), next(), next()]);
    });
    afterAll(() => Promise.all(peers.map((each) => each[Symbol.asyncDispose]())));

    it.each(jobs)('$place: $way, $state', (job) => {
      const ended = ends.get(JSON.stringify(job));
      const isThrown = job.way.startsWith('an uncaught');
      expect([ended?.status, ended?.signal], ended?.stderr).toEqual([isThrown ? 1 : 0, null]);
      expect(ofOurs(ended?.stderr ?? '')).toBe('');
      if (isThrown) expect(ended?.stderr).toContain('on purpose');
      // OpenSSL and Node leave something behind.
      else if (!ended?.stderr.includes('LeakSanitizer')) expect(ended?.stderr).toBe('');
    });
  });
});

describe('the compile of the sockets', () => {
  it('says in one line what it lacks', () => {
    const target = join(folder, 'none.node');
    expect(compileSockets(own, target, { env: { PATH: '/nowhere' } })).toBe(
      'this machine has no gcc: sudo apt-get install -y gcc',
    );
    const other = own === 'x64' ? 'arm64' : 'x64';
    expect(compileSockets(other, target, { env: { PATH: '/nowhere' } })).toMatch(
      /^this machine has no \S+-linux-gnu-gcc: sudo .*$/,
    );
  });
});

function build(name: string, preloaded: readonly string[]): Build {
  const file = join(folder, name);
  const flags = preloaded.length > 0 ? SANITISED : undefined;
  const missing = compileSockets(own, file, { env: process.env }, flags);
  if (missing) throw new Error(missing);
  const env = {
    PATH: process.env['PATH'],
    LD_PRELOAD: [...(libraries(preloaded) ?? []), lookups].join(' '),
    // What OpenSSL and Node leave behind is not ours: what is, is looked for in the text.
    LSAN_OPTIONS: 'exitcode=0',
  };
  return { file, env };
}

/** The compiler's own libraries; undefined where it has them not. */
function libraries(names: readonly string[]): readonly string[] | undefined {
  const found = names.map((name) => spawnSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim());
  return found.every((file) => file.startsWith('/')) ? found : undefined;
}

async function startPeers(peers: Peer[]): Promise<Job['ports']> {
  const started = async (made: Promise<Peer>) => {
    const one = await made;
    peers.push(one);
    return one.port;
  };
  return {
    silent: await started(peer()),
    echo: await started(peer(echo)),
    deaf: await started(peer((socket) => socket.pause())),
    secure: await started(tlsPeer(echo)),
    flood: await started(
      peer((socket) => {
        const more = (fault?: Error | null) => !fault && socket.write(Buffer.alloc(1 << 20), more);
        more();
      }),
    ),
  };
}

/** Runs one of the programs here, to its end. */
function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ status: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, program), ...words], { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** What the sanitisers say of the addon. */
function ofOurs(stderr: string): string {
  return /ric\/native\/|in \S+ \S*(?:addon|network|tls|connection)\.c|ERROR: AddressSanitizer|runtime error/.test(
    stderr,
  )
    ? stderr
    : '';
}
