/**
 * The patch: one pure function from upstream's source to ours. It imports nothing and knows no file system.
 *
 * Two places change, and no line moves, so that every upstream line number in a stack trace stays true:
 * the empty second line becomes the import of the gate, and where `Runtime` makes its invoke processor, the runtime is
 * first handed to `attach`. The import stands in the patched file itself, because the worker threads of the concurrent
 * mode load that file and nothing else.
 */

/** The one place in upstream's code that the patch holds on to. It must stand there exactly once. */
const ANCHOR = 'const processor = this.createProcessor();';
const REPLACEMENT = 'const processor = maintenanceWindow.attach(this).createProcessor();';

/** Apache License 2.0, section 4 (b): a file that was changed says so. It stands behind the import, so that no line moves. */
const NOTICE_OF_CHANGE =
  '// changed by maintenance-window: this line, and the one that calls maintenanceWindow.attach; see NOTICE';

const SHEBANG_AND_EMPTY_LINE = '#!/usr/bin/env node\n\n';

/** Patched source, or why this is not the source that the patch was made for. */
export type Patched =
  | { readonly kind: 'patched'; readonly source: string }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Patches the client.
 *
 * @param source upstream's `index.mjs`
 * @param gateModule the specifier by which the patched file imports the gate, e.g. `./maintenance-window.mjs`
 */
export function patch(source: string, gateModule: string): Patched {
  if (!source.startsWith(SHEBANG_AND_EMPTY_LINE)) {
    return { kind: 'fault', message: 'anchor "empty second line": expected a shebang and then an empty line' };
  }
  const found = source.split(ANCHOR).length - 1;
  if (found !== 1) {
    return { kind: 'fault', message: `anchor "${ANCHOR}": expected exactly once, found ${found} times` };
  }
  const line = `import * as maintenanceWindow from ${JSON.stringify(gateModule)}; ${NOTICE_OF_CHANGE}`;
  const withImport = source.replace('\n\n', `\n${line}\n`);
  return { kind: 'patched', source: withImport.replace(ANCHOR, REPLACEMENT) };
}
