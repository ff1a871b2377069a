import type { Host } from '../host.ts';

/** Variable that names the pager of this tool alone. */
export const PAGER_VARIABLE = 'MAINTENANCE_WINDOW_PAGER';

/** Of less, as git has them: ends at once where all fits, shows colours, leaves the screen as it is. */
const LESS = 'FRX';

/** What a shell ends with where it has no such program, or may not run it. */
const NO_SUCH_PROGRAM = [126, 127];

/**
 * Shows a text by the operator's pager, until that is left. Synchronous: nothing is written meanwhile into what it shows. Ctrl-C is
 * the pager's for so long.
 *
 * @param text as a terminal takes it
 * @returns whether it was shown: there may be no pager
 */
export function page(text: string, { environment }: Pick<Host, 'environment'>): boolean {
  const pager = pagerOf(environment);
  if (pager === undefined) return false;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const { status, error } = spawnSync(pager, {
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    shell: true,
    env: { LESS, LV: '-c', ...environment },
  });
  process.off('SIGINT', ignore);
  // one that is left before it has read all is a broken pipe, and no fault
  if (error && 'code' in error && error.code !== 'EPIPE') return false;
  return !NO_SUCH_PROGRAM.includes(status ?? 0);
}

/** Undefined where nobody wants one, or the terminal cannot do what one needs. */
function pagerOf(environment: Host['environment']): string | undefined {
  const pager = (environment[PAGER_VARIABLE] ?? environment['PAGER'] ?? defaultPager()).trim();
  return pager === '' || pager === 'cat' || environment['TERM'] === 'dumb' ? undefined : pager;
}

/** A `less` that is not there would have the shell say so, where nobody asked for it. */
function defaultPager(): string {
  return process.platform === 'win32' ? '' : 'command -v less >/dev/null || exit 127; exec less';
}
