import { PassThrough, Writable } from 'node:stream';
import { parseJson } from '../../../core/text/json.ts';
import { missingAction } from '../../access/remedy.ts';
import type { Answer, Remark } from '../../console/answer.ts';
import type { Host } from '../host.ts';

/** Runs the tool as its process does, and resolves with the exit code. */
export type RunProgram = (words: readonly string[], host: Host) => Promise<number>;

type Ended = Pick<Answer, 'exitCode' | 'remarks' | 'denied'>;

/**
 * Runs a command of the tool in this process. Nobody is at its terminal, and what it writes is kept.
 *
 * @param words global options as well
 * @returns `meant`: the same words, with instants for times that mean others later
 */
export async function runCommand(
  words: readonly string[],
  host: Host,
  runProgram: RunProgram,
): Promise<Ended & { readonly out: string; readonly meant: readonly string[] }> {
  let denied: string | undefined;
  let meant = words;
  const [stdout, stderr] = [new KeptText(), new KeptText()];
  const exitCode = await runProgram(words, {
    ...host,
    stdin: new PassThrough().end() as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    changing: () => undefined,
    failed(fault) {
      denied = missingAction(fault);
    },
    meant(later) {
      meant = later;
    },
  });
  return {
    exitCode,
    out: stdout.text(),
    meant,
    remarks: remarksIn(stderr.text()),
    ...(denied !== undefined && { denied }),
  };
}

/** JSON over several lines, or one value a line; what is neither is a text. */
export function resultsIn(text: string): readonly unknown[] {
  if (text === '') return [];
  const whole = parseJson(text);
  if (whole !== undefined) return [whole];
  return text
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) ?? line);
}

/** What stands on stderr: a line each, and lines that go on with the one before. */
export function remarksIn(text: string): readonly Remark[] {
  const remarks: Remark[] = [];
  for (const line of text.split('\n')) {
    const [, start = '', rest = line] = /^(place|note|warning|maintenance-window): (.*)$/s.exec(line) ?? [];
    const kind = KINDS[start];
    const last = remarks.at(-1);
    if (kind) remarks.push({ kind, text: rest });
    else if (line.trim() !== '')
      remarks.splice(-1, 1, { kind: last?.kind ?? 'note', text: [last?.text, line].filter(Boolean).join('\n') });
  }
  return remarks;
}

const KINDS: Readonly<Record<string, Remark['kind']>> = {
  place: 'place',
  note: 'note',
  warning: 'warning',
  'maintenance-window': 'fault',
};

class KeptText extends Writable {
  readonly isTTY = false;
  readonly #pieces: Buffer[] = [];

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pieces.push(piece);
    done();
  }

  text(): string {
    return Buffer.concat(this.#pieces).toString();
  }
}
