import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type NotReady, rehearseInit, type Subject } from './init.ts';

/** Upstream's own words for a handler that is not there. All else comes out of the function's code. */
const NOT_THERE = ['Runtime.MalformedHandlerName', 'Runtime.ImportModuleError', 'Runtime.HandlerNotFound'];
const REMEDY =
  'A handler is FILE.EXPORT: index.handler is what index.mjs, index.js or index.cjs exports as handler. The file’s name ends at its first period.';
const FRAME = /^ +at /;
const SHOWN_LINES = 20;

/**
 * Checks that the function can start, so that a fault is reported at once. The emulator would find it at the first
 * invocation, and report it twice.
 *
 * @throws `MaintenanceWindow.Missing`
 */
export async function checkFunction(subject: Subject): Promise<void> {
  const init = await rehearseInit({ ...subject, preload: withoutGate(subject), end: 'SIGKILL' }, 'as it is');
  if (init.kind !== 'ready') throw notStarting(subject, init);
}

/**
 * Takes the gate away: the function is loaded by upstream's own loader, and nothing is read from AWS, which may not be
 * there yet. Where the loader finds no function, it says what is there instead: {@link WORDS}.
 */
function withoutGate({ client }: Subject): string {
  const index = pathToFileURL(join(realpathSync(client), 'index.mjs')).href;
  return `
import { registerHooks } from 'node:module';
const gate = 'data:text/javascript,export const attach = (runtime) => runtime;';
const index = ${JSON.stringify(index)};
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === './maintenance-window.mjs' && context.parentURL === index
      ? { url: gate, shortCircuit: true }
      : next(specifier, context),
  load(url, context, next) {
    const loaded = next(url, context);
    if (url !== index) return loaded;
    let source = String(loaded.source);
    for (const [before, after] of ${JSON.stringify(WORDS)}) source = source.replace(before, () => after);
    return { ...loaded, source };
  },
});`;
}

/**
 * Upstream's words where the loader finds no function, which it has once each, and ours: of what the handler is in place of a
 * function, or of what the file exports. Words of upstream's that are not there any more stay as they are.
 */
const WORDS: readonly (readonly [string, string])[] = [
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: upstream's source
    '`${fullHandlerString} is not a function`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source that is run there
    '`${fullHandlerString} is ${typeof handler === "object" ? "an object" : `a ${typeof handler}`}, not a function`',
  ],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: upstream's source
    '`${fullHandlerString} is undefined or not exported`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source that is run there
    '`${fullHandlerString} is undefined or not exported: the file exports ${Object.keys(Object(module)).slice(0, 10).join(", ") || "nothing"}`',
  ],
];

/** Fault of a function that does not get through INIT. */
export function notStarting({ handler, taskRoot }: Subject, init: NotReady): MaintenanceWindowError {
  return new MaintenanceWindowError(
    'MaintenanceWindow.Missing',
    `the handler ${handler} cannot be loaded from ${taskRoot}: ${reasonOf(init, taskRoot)}`,
  );
}

function reasonOf(init: NotReady, taskRoot: string): string {
  switch (init.kind) {
    case 'failed': {
      const { errorType, errorMessage, trace } = init;
      if (NOT_THERE.includes(errorType)) return `${errorMessage.split('\n')[0]}\n${REMEDY}`;
      const told = trace.filter((line) => !FRAME.test(line) || line.includes(taskRoot));
      return told.length > 0 ? told.join('\n') : `${errorType}: ${errorMessage}`;
    }
    case 'ended':
      return [`loading it ${init.how}`, ...init.output.trim().split('\n').slice(-SHOWN_LINES)].join('\n').trim();
  }
}
