import type { EventStatus } from '../../../core/events/deferred-event.ts';
import { isRunOver } from '../../../core/runs/run.ts';
import { instantText } from '../../../core/time/time-text.ts';
import { functionsText, reasonText, whenText } from '../../../core/windows/window-text.ts';
import { withArchive } from '../../access/archive.ts';
import { createOperator, type Operator, type Remarks } from '../../access/operator.ts';
import { profilesIn } from '../../access/profiles.ts';
import { readContexts } from '../../contexts/context-file.ts';
import { findFunctions } from '../../doctor/which-functions.ts';
import { listWindows } from '../../edits/schedule.ts';
import { rowsOfSelection, selectionOf, UNFINISHED } from '../../events/select/selection.ts';
import { listRuns } from '../../replay/runs.ts';
import { createTimes } from '../../times/times.ts';
import { readWindows } from '../../windows/known-windows.ts';
import type { Host } from '../host.ts';
import { type GlobalOptions, readSettings } from '../settings.ts';
import type { Asked, Candidate } from './candidates.ts';

/** How long somebody who pressed Tab waits. What has been answered by then is what there is. */
const LIMIT_MS = 1_500;
const MOST_EVENTS = 50;
const MOST_RUNS = 50;

/**
 * Asks for what may stand at a place, in the account and region that the line so far names.
 *
 * @param options of the line, as they were typed
 * @returns what came in time; empty for settings that are wrong: the command says so, once it is run
 */
export async function askFor(asked: Asked, options: GlobalOptions, host: Host): Promise<readonly Candidate[]> {
  const found = new Map<string, string>();
  const add = (word: string, about = '') => found.set(word, about);
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, LIMIT_MS);
  });
  await Promise.race([late, ask(asked, options, host, add).catch(() => undefined)]);
  clearTimeout(limit);
  return [...found].map(([word, about]) => ({ word, about }));
}

type Add = (word: string, about?: string) => void;

async function ask(asked: Asked, options: GlobalOptions, host: Host, add: Add): Promise<void> {
  const settings = readSettings(options, host.environment);
  if (settings.access.profile) host.useProfile(settings.access.profile);
  const operator = () => createOperator(settings, SILENT, host.clock);
  switch (asked) {
    case 'contexts':
      for (const [name, { production }] of Object.entries(readContexts(settings.contextFile).contexts))
        add(name, production ? 'production' : '');
      return;
    case 'profiles':
      for (const name of await profilesIn(settings.access.profileFiles ?? [])) add(name);
      return;
    case 'windows':
    case 'active-windows':
      return addWindows(operator(), asked === 'active-windows', add);
    case 'functions':
      return addFunctions(operator(), add);
    case 'events':
      return addEvents(operator(), UNFINISHED, add);
    case 'replays':
    case 'replays-under-way':
      return addReplays(operator(), asked === 'replays', add);
    case 'discarded-events':
      return addEvents(operator(), ['discarded'], add);
  }
}

async function addWindows(operator: Operator, isActive: boolean, add: Add): Promise<void> {
  const { windows } = await listWindows(operator);
  for (const { id, window, standing } of windows) {
    if (isActive && standing.kind !== 'active') continue;
    add(id, [functionsText(window), whenText(window), reasonText(window)].join(', '));
  }
}

/** As many as a page of `events list` has, the same ones: to read on until some begin with what is typed could cost the whole index. */
async function addEvents(operator: Operator, statuses: readonly EventStatus[], add: Add): Promise<void> {
  await withArchive(operator, async (archive) => {
    const selection = await selectionOf(operator, archive, {}, statuses);
    let left = MOST_EVENTS;
    for await (const { id, functionName, source, status, deferredAt } of rowsOfSelection(archive, {
      ...selection,
      pageRows: MOST_EVENTS,
    })) {
      add(id, [functionName, source, status, instantText(deferredAt)].join(', '));
      left -= 1;
      if (left === 0) return;
    }
  });
}

async function addReplays(operator: Operator, areAll: boolean, add: Add): Promise<void> {
  await withArchive(operator, async (archive) => {
    for (const { id, name, status, by } of (await listRuns(archive, MOST_RUNS)).runs)
      if (areAll || !isRunOver(status)) add(id, [name, status, by].join(', '));
  });
}

/** Those that ever deferred an event, those that windows name, and those that Lambda shows to read the parameters. */
async function addFunctions(operator: Operator, add: Add): Promise<void> {
  const ofTable = withArchive(operator, async (archive) => {
    for (const name of await archive.functionNames()) add(name);
  });
  const ofLambda = async () => {
    const { windows } = await readWindows(operator).catch(() => ({ windows: [] }));
    const { functions } = await findFunctions(
      operator,
      [],
      windows.map(({ window }) => window),
    );
    for (const { name } of functions) add(name);
  };
  await Promise.allSettled([ofTable, ofLambda()]);
}

/** The shell has the terminal. */
const SILENT: Remarks = { times: createTimes(), note: () => undefined, warn: () => undefined };
