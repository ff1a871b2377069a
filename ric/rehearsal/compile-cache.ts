import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { notStarting } from './check.ts';
import { rehearseInit, type Subject } from './init.ts';

/**
 * Node keeps the cache of each user apart, by the user id at the end of a folder's name. These ones share it, and whoever
 * bakes it: root, the user that Lambda runs every image as, and `node` of the official images.
 */
const USERS = [0, 993, 1000];
/** `v24.21.0-x64-964aae3f-0`: Node's version, the architecture, V8's version, flags and CPU features; the user. */
const CACHE_FOLDER = /^(v.+)-\d+$/;

/** Goes through INIT, so that V8 has compiled everything that INIT runs and Node keeps it. */
const FLUSH_ON_SIGNAL = `
import { flushCompileCache } from 'node:module';
process.once('SIGUSR2', () => {
  flushCompileCache();
  process.kill(process.pid, 'SIGKILL');
});`;

/**
 * Makes V8's compile cache of the client and of the handler, as they are after INIT, and puts it into `target`, in place
 * of one that is there. To be done where the function will run: the cache is good for this Node, these flags and CPUs
 * with the features of this one.
 *
 * @returns what was made, in words
 * @throws `MaintenanceWindow.Missing` where the function does not get through INIT, or the folder cannot be written
 */
export async function bakeCompileCache(subject: Subject, target: string): Promise<string> {
  const making = makeBeside(target);
  try {
    const environment = { ...subject.environment, NODE_COMPILE_CACHE: making };
    const init = await rehearseInit({ ...subject, environment, preload: FLUSH_ON_SIGNAL, end: 'SIGUSR2' }, 'stand-in');
    if (init.kind !== 'ready') throw notStarting(subject, init);
    const cache = share(making);
    rmSync(target, { recursive: true, force: true });
    renameSync(making, target);
    return `compile cache of ${cache.files} files, ${Math.ceil(cache.bytes / 1000)} kB, for ${cache.name} and the users ${cache.users.join(', ')}`;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function makeBeside(target: string): string {
  try {
    return mkdtempSync(`${target}-`);
  } catch (error) {
    const remedy = 'In a Dockerfile this is a RUN before USER.';
    throw new MaintenanceWindowError(
      'MaintenanceWindow.Missing',
      `${dirname(target)} cannot be written (${error}). ${remedy}`,
    );
  }
}

interface Cache {
  readonly name: string;
  readonly users: readonly number[];
  readonly files: number;
  readonly bytes: number;
}

/** Makes the cache readable for every user, and found by the known ones. */
function share(folder: string): Cache {
  const [own = ''] = readdirSync(folder);
  const [, name] = CACHE_FOLDER.exec(own) ?? [];
  if (!name) throw new MaintenanceWindowError('MaintenanceWindow.Missing', 'Node wrote no compile cache.');
  renameSync(join(folder, own), join(folder, name));
  const users = [...new Set([...USERS, process.getuid?.() ?? 0])];
  for (const user of users) symlinkSync(name, join(folder, `${name}-${user}`));
  chmodSync(folder, 0o755);
  const files = readdirSync(join(folder, name)).map((file) => join(folder, name, file));
  for (const file of files) chmodSync(file, 0o644);
  return { name, users, files: files.length, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
}
