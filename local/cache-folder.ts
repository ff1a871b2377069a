import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where what is fetched and built is kept between runs. `XDG_CACHE_HOME` and `HOME` are read. */
export function cacheFolder({ XDG_CACHE_HOME, HOME }: Environment): string {
  return join(XDG_CACHE_HOME || join(homeOf(HOME), '.cache'), 'maintenance-window');
}

/** A file of its own for what is made of a function, by its folder or whatever else tells it from others. */
export function keptFor(what: string, environment: Environment): string {
  const hash = createHash('sha256').update(what).digest('hex').slice(0, 16);
  return join(cacheFolder(environment), 'functions', hash);
}

/** A user that this machine does not know has none. */
export function homeOf(home: string | undefined): string {
  if (home) return home;
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}
