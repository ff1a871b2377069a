import type { Emulator } from './emulator.ts';
import { changedFile, type SourceFiles } from './source-files.ts';

export interface ReloadingParts {
  readonly start: () => Promise<Emulator>;
  /** The function's code as it is now. */
  readonly look: () => SourceFiles;
  /** Gets a line for each start anew. */
  readonly write: (line: string) => void;
}

/**
 * An emulator that starts anew where the function's code has changed since its last invocation. That is seen at the next
 * invocation, and not before: whoever saves file after file starts nothing, and an invocation under way ends as it began.
 *
 * @throws what `start` throws, for the first start
 */
export async function startReloading({ start, look, write }: ReloadingParts): Promise<Emulator> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let loaded: SourceFiles | undefined;
  let isClosed = false;
  let current: Emulator | undefined = follow(await start());
  let replaced: Promise<void> = Promise.resolve();
  return { invoke, ended, close };

  function follow(emulator: Emulator): Emulator {
    void emulator.ended.then(() => emulator === current && end());
    return emulator;
  }

  async function invoke(invocation: Parameters<Emulator['invoke']>[0]): ReturnType<Emulator['invoke']> {
    const now = look();
    const changed = loaded && changedFile(loaded, now);
    if (changed !== undefined) write(`${changed} has changed: the function starts anew`);
    if (changed !== undefined || !current) {
      replaced = replace();
      await replaced;
    }
    // the first invocation loads the function
    loaded = now;
    if (!current) throw new Error('the emulator is closed');
    return current.invoke(invocation);
  }

  async function replace(): Promise<void> {
    const old = current;
    current = undefined;
    await old?.close();
    if (isClosed) return;
    const next = await start();
    if (isClosed) await next.close();
    else current = follow(next);
  }

  async function close(): Promise<void> {
    isClosed = true;
    await replaced.catch(() => undefined); // whoever invoked has it
    await current?.close();
    end();
  }
}
