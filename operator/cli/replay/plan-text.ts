import type { ReplayPlan } from '../../../core/replay/plan.ts';
import { counted, numberText, shown } from '../../../core/text/shown.ts';
import type { ReplayPreview } from '../../replay/preview.ts';
import { sizeText } from '../events/event-text.ts';
import type { Output } from '../terminal/output.ts';
import { othersText } from './dry-run.ts';
import { rateText, takesText } from './pace-text.ts';
import { waitText } from './wait-text.ts';

/** Functions that a plan shows one by one. */
const SHOWN_FUNCTIONS = 10;

/** A replay before it begins, for whoever is asked whether it should. */
export function planText(found: ReplayPreview, plan: ReplayPlan, output: Output): string {
  const { counts, functions, first, others, isPart, holds } = found;
  const { times } = output;
  const rows = functions
    .slice(0, SHOWN_FUNCTIONS)
    .map(({ functionName, events, oldestAt, newestAt }) => [
      functionName,
      numberText(events),
      times.cell(oldestAt),
      times.cell(newestAt),
    ]);
  return [
    `To replay: ${isPart ? 'at least ' : ''}${counted(counts.events, 'event')}, ${sizeText(counts.bytes)}`,
    ...(rows.length > 0
      ? [output.table(['FUNCTION', 'EVENTS', times.head('OLDEST'), times.head('NEWEST')], rows)]
      : []),
    ...(functions.length > SHOWN_FUNCTIONS
      ? [`and ${counted(functions.length - SHOWN_FUNCTIONS, 'more function')}`]
      : []),
    ...first.map(
      ({ id, functionName, source, deferredAt }, index) =>
        `${index === 0 ? 'first' : 'then '}  ${shown(id)}  ${shown(functionName)}  ${shown(source)}  ${times.cell(deferredAt)}`,
    ),
    ...othersText(others),
    ...holds.map(({ functionName, hold }) => waitText([{ functionName, ...hold }], times)),
    paceText(found, plan, output),
  ].join('\n');
}

/** How fast, and until when. */
function paceText(found: ReplayPreview, plan: ReplayPlan, { times }: Output): string {
  const { concurrency } = plan;
  const atOnce = concurrency === 1 ? 'one at a time' : `up to ${numberText(concurrency)} at once`;
  if (!Number.isFinite(plan.ratePerSecond)) return `${atOnce}, as fast as they are answered`;
  const takes = `${atOnce}, ${rateText(plan)}: ${takesText(found, plan)}`;
  return found.endAt === undefined ? takes : `${takes}, until ${times.text(found.endAt)}`;
}
