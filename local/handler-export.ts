/**
 * A process of its own: loads somebody's function, as upstream would, and tells its parent what it found.
 * usage: fork('handler-export.ts', [FILE, EXPORT]) → one message
 */
import { pathToFileURL } from 'node:url';

/** What stands in a file under a handler's name. `exported`: what it could have been. */
export type HandlerExport =
  | { readonly kind: 'function' }
  | { readonly kind: 'other'; readonly exported: readonly string[] }
  | { readonly kind: 'threw'; readonly message: string };

process.once('disconnect', () => process.exit());
const [, , file = '', path = ''] = process.argv;
process.send?.(await lookAt(file, path));

async function lookAt(file: string, path: string): Promise<HandlerExport> {
  try {
    const module = await import(pathToFileURL(file).href);
    const isHandler = [module, module.default].some((holder) => typeof valueAt(holder, path) === 'function');
    return isHandler ? { kind: 'function' } : { kind: 'other', exported: functionsIn(module) };
  } catch (error) {
    const stack =
      error instanceof Error && error.stack ? error.stack.split('\n').slice(0, 3).join('\n') : String(error);
    return { kind: 'threw', message: stack };
  }
}

/** The value at `a.b.c`. Only objects are looked into. */
function valueAt(holder: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce(
      (value: unknown, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      holder,
    );
}

function functionsIn(module: Record<string, unknown>): string[] {
  const own = Object.entries(module).concat(Object.entries(module['default'] ?? {}));
  return [...new Set(own.filter(([, value]) => typeof value === 'function').map(([name]) => name))];
}
