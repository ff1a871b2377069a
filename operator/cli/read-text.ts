import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { MaintenanceWindowError } from '../../core/errors.ts';
import type { Session } from './session.ts';

type ReadingSession = Pick<Session, 'stdin' | 'output'>;

/**
 * Reads a text that the operator names: a file, or `-` for what is piped in. A byte order mark at its beginning is left out.
 * From a terminal it says what it waits for.
 *
 * Bytes that are no UTF-8 are refused: read all the same, each would become a `�`, and what is stored or sent would be another text.
 *
 * @param name what a message calls it: `windows.json`, `--payload-file order.json`
 * @throws MaintenanceWindowError `MaintenanceWindow.NotFound`, or `MaintenanceWindow.Malformed` with the first byte that does not fit
 */
export async function readTextOf(file: string, session: ReadingSession, name: string): Promise<string> {
  const { stdin, output } = session;
  if (file === '-' && stdin.isTTY)
    output.note(`${name} is read from this terminal: type or paste it, then Enter and Ctrl-D`);
  const bytes = file === '-' ? await buffer(stdin) : await bytesOf(file, name);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MaintenanceWindowError('MaintenanceWindow.Malformed', `${name}: ${notUtf8(bytes)}; save it as UTF-8`);
  }
}

async function bytesOf(file: string, name: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new MaintenanceWindowError(
      'MaintenanceWindow.NotFound',
      `${name} cannot be read (${code ?? message}): name a file, or - for what is piped in`,
    );
  }
}

/** Where it ceases to be UTF-8: the length of what reads and writes to the same bytes, and the line. */
function notUtf8(bytes: Buffer): string {
  const again = Buffer.from(bytes.toString('utf8'));
  const at = again.findIndex((byte, index) => byte !== bytes[index]);
  const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
  return `line ${line} is no UTF-8, from byte ${at} (0x${bytes[at]?.toString(16).padStart(2, '0')}) on`;
}
