import { setTimeout as sleep } from 'node:timers/promises';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { instantText } from '../../../core/time/time-text.ts';
import type { Session } from '../session.ts';
import { faultText, remarkText } from '../terminal/remedy-text.ts';
import { type Found, statusJson, statusLine, statusText } from './status-text.ts';

/**
 * Shows a status again and again, until the process is ended: on a terminal the whole of it in place of the one before,
 * elsewhere a line where something has changed. A look that fails is reported, and there is another one.
 *
 * @throws MaintenanceWindowError of the first look
 */
export async function watch(session: Session, look: () => Promise<Found>, intervalMs: number): Promise<never> {
  const { output } = session;
  let [shown, warned] = ['', ''];
  for (let isFirst = true; ; isFirst = false) {
    try {
      const found = await look();
      const warnings = found.status.warnings.map((remark) => remarkText(remark, output.command));
      if (!output.redraw) warn(warnings);
      show(found, warnings);
    } catch (fault) {
      if (isFirst || !(fault instanceof MaintenanceWindowError)) throw fault;
      warn([faultText(fault, output.command)]);
    }
    await sleep(intervalMs);
  }

  function show(found: Found, warnings: readonly string[]): void {
    if (output.redraw) {
      const remarks = warnings.map((text) => output.paint.yellow(`warning: ${text}`));
      const clock = output.paint.dim(`${output.times.text(found.status.now)}, Ctrl-C ends it`);
      output.redraw([clock, '', statusText(found, output), ...remarks].join('\n'));
      return;
    }
    const { at, ...json } = statusJson(found) as { readonly at: string };
    const line = statusLine(found, output);
    const changing = output.format === 'json' ? JSON.stringify(json) : line;
    if (changing === shown) return;
    shown = changing;
    output.showChange({ at, ...json }, () => `${instantText(found.status.now)}  ${line}`);
  }

  /** Once, until there is something else to say. */
  function warn(texts: readonly string[]): void {
    const all = texts.join('\n');
    if (all !== warned) for (const text of texts) output.warn(text);
    warned = all;
  }
}
