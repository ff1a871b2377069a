/**
 * What the program around the engine gives it: `proxy/src/natives.rs`. Of Node there is nothing; the other files of this
 * folder make of these functions as much of Node as the gate uses.
 */
export interface Native {
  /** Writes one line to standard output. */
  log(line: string): void;
  /** Invocations pass unasked in this interval. Epoch milliseconds. */
  quiet(fromAt: number, untilAt: number): void;
  /** Whether a response of this function has streamed. */
  streams(): boolean;
  /** Answers a question: see `ask` in `main.ts`. */
  answer(question: number, text: string): void;

  /** Age of the process. */
  monotonicMs(): number;
  /** Uniform in [0, 1), by the system: a snapshot must not repeat it. */
  random(): number;
  uuid(): string;
  /** Calls `due(id)` after so long. */
  setTimer(id: number, ms: number): void;
  clearTimer(id: number): void;

  /** Begins a connection; calls `heard(id, …)` with what comes of it. @returns its id */
  connect(host: string, port: number, isTls: boolean): number;
  /** Sends a text in UTF-8. */
  send(id: number, text: string): void;
  /** How many bytes are not handed to the system yet. */
  unsent(id: number): number;
  keepAlive(id: number, afterMs: number): void;
  /** Nothing is heard of it any more. */
  close(id: number): void;

  byteLength(text: string): number;
  encode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array, encoding: Encoding | 'hex', from: number, to: number): string;
  /** Place of a text in Latin-1; -1 where it is not there. */
  indexOf(bytes: Uint8Array, text: string, from: number): number;
  sha256(data: string | Uint8Array): Uint8Array<ArrayBuffer>;
  hmacSha256(key: string | Uint8Array, data: string | Uint8Array): Uint8Array<ArrayBuffer>;
  gzip(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  crc32(bytes: Uint8Array): number;

  /** A JSON text by which decisions are the same, where they ask for these names alone. Empty where the text is no JSON. */
  outline(text: string, asked: Asked): string;

  /** Whether a name is a time zone of the bundled tzdb. */
  hasZone(name: string): boolean;
  /** Seconds east of Greenwich at an instant in epoch milliseconds. */
  zoneOffset(name: string, at: number): number;
}

/** Names of members in a JSON text. `Asked` in `proxy/src/outline.rs` says what each list is. */
interface Asked {
  readonly whole: readonly string[];
  readonly presence: readonly string[];
  readonly headers: readonly string[];
  readonly maps: readonly string[];
  readonly lists: readonly string[];
  readonly prefix: string;
  readonly standIn: string;
}

type Encoding = 'utf8' | 'latin1' | 'base64';

declare global {
  const native: Native;
}
