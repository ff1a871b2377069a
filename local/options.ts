import { parseArgs } from 'node:util';
import { MaintenanceWindowError } from '../core/errors.ts';

/** The port that AWS's own examples of the emulator use. */
const DEFAULT_PORT = 9000;

/** What the runner was asked for. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'demo'; readonly port: number; readonly proxy: boolean }
  | { readonly kind: 'serve'; readonly port: number; readonly proxy: boolean; readonly handler?: string };

export const HELP = `Runs a Lambda function under the real Runtime Interface Emulator, with the gate in front of it,
and beside it an SSM and a DynamoDB of its own. Nothing leaves this machine.

  npm start                                    the sample function, until Ctrl-C
  npm start -- --demo                          plays a maintenance window, and exits 0 if every step held
  npm start -- --handler ./my/app.handler      your own function, CommonJS or ES module
  npm start -- --proxy --handler ./my/app.py   your own function in another language, behind the proxy

  --handler FILE.EXPORT   as in Lambda, from the folder that you are in
  --proxy                 the gate is in the proxy, not in the client for Node; then --handler is one of
                            FILE.py or FILE.py:NAME        Python
                            FILE.go, or a folder of Go's   Go
                            FILE.rs, or its Cargo.toml     Rust
                            FILE.java or FILE.java:METHOD  Java, built by Maven
                          and without it, the sample function is in Python
  --port PORT             of the Invoke endpoint; 0 for any free one (default ${DEFAULT_PORT}; with --demo: any)
  --demo                  with the sample function
  --help

Where its code has changed, the function starts anew with the next invocation.
It gets the environment of this command, MAINTENANCE_WINDOW_POLICY and the like included.`;

/**
 * Reads the words behind `npm start --`.
 *
 * @throws `MaintenanceWindow.Usage`
 */
export function parseOptions(words: readonly string[]): Options {
  const { help, demo, handler, port, proxy = false } = parseWords(words);
  if (help) return { kind: 'help' };
  if (demo && handler !== undefined) {
    throw usage('--demo plays its story with the sample function: leave out --handler.');
  }
  if (demo) return { kind: 'demo', proxy, port: port === undefined ? 0 : parsePort(port) };
  return {
    kind: 'serve',
    proxy,
    port: port === undefined ? DEFAULT_PORT : parsePort(port),
    ...(handler !== undefined && { handler }),
  };
}

function parseWords(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean', short: 'h' },
        demo: { type: 'boolean' },
        handler: { type: 'string' },
        port: { type: 'string' },
        proxy: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw usage(`--port "${text}" is no port: write a number from 1 to 65535, or 0 for any free one.`);
}

function usage(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Usage', `${message}\nAll options:  npm start -- --help`);
}
