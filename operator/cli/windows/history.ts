import type { ParameterVersion } from '../../../aws/windows/parameter-store.ts';
import { FAULTS, MaintenanceWindowError } from '../../../core/errors.ts';
import { shown } from '../../../core/text/shown.ts';
import { differenceOf } from '../../../core/windows/difference.ts';
import { instantToText } from '../../../core/windows/instant.ts';
import { fromNow } from '../../../core/windows/time-text.ts';
import { parseWindows } from '../../../core/windows/window.ts';
import type { AddNoun } from '../command.ts';
import { withExamples } from '../examples.ts';
import { DONE } from '../exit-code.ts';
import type { Session } from '../session.ts';
import { countValue } from '../values.ts';
import { differenceText } from './difference-text.ts';

interface HistoryOptions {
  readonly count: number;
}

/** A version, and the one before it as far as SSM still has it. */
interface Change {
  readonly parameter: string;
  readonly version: ParameterVersion;
  readonly before?: ParameterVersion;
}

const DEFAULT_COUNT = 10;

/** `history`: who changed what, and when. */
export const addHistory: AddNoun = (program, acting) => {
  const command = program
    .command('history')
    .description('show who changed which window, and when, newest first')
    .option('--count <number>', 'how many changes', countValue, DEFAULT_COUNT)
    .action(acting(history));
  withExamples(command, 'history', 'history --count 3', 'history -o json');
};

async function history(session: Session, { count }: HistoryOptions): Promise<number> {
  const { output } = session;
  const { histories, faults } = await readHistories(session);
  const now = (await session.clock()).now();
  const changes = histories
    .flatMap(({ parameter, versions }) => changesOf(parameter, versions))
    .sort((a, b) => b.version.modifiedAt - a.version.modifiedAt || b.version.version - a.version.version)
    .slice(0, count);
  output.show({ changes: changes.map(changeJson) }, () =>
    changes.map((change) => changeText(change, output, now)).join('\n\n'),
  );
  return faults[0] ? FAULTS[faults[0].name].exitCode : DONE;
}

/** The histories of all named parameters, as far as they can be read. Rejects where none of them can. */
async function readHistories({ settings, parameters, output }: Session) {
  const store = await parameters();
  const outcomes = await Promise.allSettled(
    settings.parameters.map(async (parameter) => ({ parameter, versions: await store.history(parameter) })),
  );
  const histories = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  const reasons: unknown[] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const faults = reasons.filter((reason) => reason instanceof MaintenanceWindowError);
  if (histories.length === 0 || faults.length < reasons.length) throw reasons[0];
  for (const { message } of faults) output.warn(message);
  return { histories, faults };
}

function changesOf(parameter: string, versions: readonly ParameterVersion[]): readonly Change[] {
  return versions.map((version, index) => {
    const before = versions[index - 1];
    return { parameter, version, ...(before && { before }) };
  });
}

function changeText({ parameter, version, before }: Change, output: Session['output'], now: number): string {
  const { modifiedAt, modifiedBy = 'somebody', text } = version;
  const { bold, red } = output.paint;
  const head = `${bold(`${parameter}, version ${version.version}`)}  ${fromNow(modifiedAt, now)}  ${shown(modifiedBy)}`;
  const parsed = parseWindows(text);
  const fault = parsed.kind === 'fault' ? [red(`malformed: ${shown(parsed.message)}`)] : [];
  const first = before ? [] : [output.paint.dim('(the first version that SSM still has: all that it says)')];
  return [head, ...fault, ...first, differenceText(differenceFrom(before, text), output)].join('\n');
}

function changeJson({ parameter, version, before }: Change): object {
  const { modifiedAt, modifiedBy, text } = version;
  const parsed = parseWindows(text);
  return {
    parameter,
    version: version.version,
    at: instantToText(modifiedAt),
    by: modifiedBy,
    ...differenceFrom(before, text),
    malformed: parsed.kind === 'fault' ? parsed.message : undefined,
    text,
  };
}

/** What a version says that the one before did not; all of it where there is none before. */
function differenceFrom(before: ParameterVersion | undefined, text: string) {
  return differenceOf(before?.text ?? '{"version":1,"windows":[]}', text);
}
