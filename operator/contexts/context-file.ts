import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type Contexts, contextsText, NO_CONTEXTS, parseContexts } from './context.ts';

/** Wait for another tool's lock, in all and between two looks. A lock is held for milliseconds. */
const LOCK_LIMIT_MS = 5_000;
const LOCK_LOOK_MS = 20;
/** A lock this old is that of a tool that was killed. */
const STALE_MS = 30_000;

/**
 * File that contexts stand in: below `XDG_CONFIG_HOME`, on Windows `APPDATA`, else `~/.config`, also on macOS. A relative folder
 * does not count. Source: XDG Base Directory Specification, "Environment variables".
 */
export function contextFileOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CONFIG_HOME: xdg = '', APPDATA: windows, HOME: home = '/' } = environment;
  const folder = xdg.startsWith('/') || /^[A-Za-z]:[\\/]/.test(xdg) ? xdg : windows || join(home, '.config');
  return join(folder, 'maintenance-window', 'contexts.json');
}

/**
 * Reads the contexts; a file that is not there has none. Synchronous: a command knows its settings before it does anything.
 *
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` for a file that cannot be read, or says something else: without it a
 *   command would go to another account than was meant
 */
export function readContexts(file: string): Contexts {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return NO_CONTEXTS;
    throw config(`${file} cannot be read (${code || message}): see to its permissions`);
  }
  const contexts = parseContexts(text);
  if (contexts.kind === 'value') return contexts.value;
  throw config(`${file} holds no contexts: ${contexts.message}; mend it, or take it away and add them anew`);
}

/**
 * Changes the contexts: reads, and writes what comes of it, while no other tool does. The file appears whole, for its owner alone.
 *
 * @throws MaintenanceWindowError as {@link readContexts} and `change` have it; `MaintenanceWindow.Config` for a folder that takes
 *   no file; `MaintenanceWindow.Conflict` where another tool does not end
 */
export async function changeContexts(file: string, change: (contexts: Contexts) => Contexts): Promise<Contexts> {
  const unlock = await lock(file);
  try {
    const before = readContexts(file);
    const after = change(before);
    if (after !== before) write(file, contextsText(after));
    return after;
  } finally {
    unlock();
  }
}

function write(file: string, text: string): void {
  const making = `${file}.${randomUUID()}`;
  try {
    writeFileSync(making, text, { mode: 0o600, flag: 'wx' });
    renameSync(making, file);
  } catch (error) {
    rmSync(making, { force: true });
    throw unwritable(file, error);
  }
}

/** Resolves with what gives the lock back. */
async function lock(file: string): Promise<() => void> {
  const path = `${file}.lock`;
  const until = performance.now() + LOCK_LIMIT_MS;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(file, error);
  }
  for (;;) {
    try {
      closeSync(openSync(path, 'wx', 0o600));
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(file, error);
    }
    takeAwayStale(path);
    if (performance.now() > until) {
      throw new MaintenanceWindowError(
        'MaintenanceWindow.Conflict',
        `${file} is being written by another tool: wait a little, then run this again; if none runs, take ${path} away`,
      );
    }
    await sleep(LOCK_LOOK_MS);
  }
}

/** By a rename, which succeeds for one tool alone: none takes away the lock that another one has just made. */
function takeAwayStale(path: string): void {
  try {
    if (Date.now() - statSync(path).mtimeMs < STALE_MS) return;
    const away = `${path}.${randomUUID()}`;
    renameSync(path, away);
    rmSync(away, { force: true });
  } catch {
    // its owner gave it back meanwhile
  }
}

function unwritable(file: string, error: unknown): MaintenanceWindowError {
  const { code, message } = error as NodeJS.ErrnoException;
  return config(`${file} cannot be written (${code ?? message}): set XDG_CONFIG_HOME to a folder that takes files`);
}

function config(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Config', message);
}
