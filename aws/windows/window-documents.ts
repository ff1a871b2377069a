import { createCalendar, NO_WINDOW_EVER } from '../../core/calendar/calendar.ts';
import type { Config } from '../../core/gate/config.ts';
import type { Clock, Reading } from '../../core/gate/ports.ts';
import { mergePolicies, NO_POLICY } from '../../core/sources/policy.ts';
import { parseWindows, type WindowDocument } from '../../core/windows/window.ts';
import type { ParameterText, ParameterTexts } from './parameter-reader.ts';

/** The last good document of each window parameter, and what they amount to together. */
export interface WindowDocuments {
  /** A new object whenever a document has changed, or was put again. */
  readonly reading: Reading;
  /** Whether every parameter has been read well at least once. */
  readonly complete: boolean;
  /** Whether this parameter has been read well at least once. */
  isKnown(name: string): boolean;
  /** Texts that the documents were parsed from. */
  readonly texts: ParameterTexts;
  /**
   * Adopts what was read, each parameter by itself: a broken document of the team's does not hide a window that an
   * operator begins in another. A malformed or vanished document is a fault, and the last good one stays.
   */
  adopt(texts: ParameterTexts): Promise<Adopted>;
}

/** Result of {@link WindowDocuments.adopt}. */
interface Adopted {
  /** One message for each parameter whose last good document had to stay. */
  readonly faults: readonly string[];
  /** Parameters that do not exist and never did here, told once. */
  readonly missing: readonly string[];
}

/** A document and what it was parsed from. A parameter that does not exist has no text, and no windows. */
interface Kept {
  readonly read: ParameterText | undefined;
  readonly document: WindowDocument;
}

const NO_DOCUMENT: WindowDocument = { form: 'document', windows: [], policy: NO_POLICY };

/** Function, clock, and what stands in for unknown windows. */
export interface WindowDocumentsParts {
  readonly names: readonly string[];
  readonly functionName: string;
  readonly clock: Clock;
  /** `defer`: while any parameter has no good document yet, the function counts as under maintenance. */
  readonly onError: Config['onError'];
}

/** Makes the documents of an environment, none of them read yet. */
export function createWindowDocuments({ names, functionName, clock, onError }: WindowDocumentsParts): WindowDocuments {
  const startedAt = clock.now();
  const standIn = onError === 'defer' ? underMaintenanceSince(startedAt) : undefined;
  let kept: ReadonlyMap<string, Kept> = new Map();
  let reading = standIn ?? noWindowsSince(startedAt);
  return {
    get reading() {
      return reading;
    },
    get complete() {
      return kept.size === names.length;
    },
    isKnown: (name) => kept.has(name),
    get texts() {
      return new Map([...kept].map(([name, { read }]) => [name, read]));
    },
    adopt,
  };

  async function adopt(texts: ParameterTexts): Promise<Adopted> {
    const next = new Map(kept);
    const faults: string[] = [];
    const missing: string[] = [];
    for (const [name, read] of texts) {
      const before = kept.get(name);
      if (read === undefined) {
        if (!before) missing.push(name);
        else if (before.read) faults.push(`${name} is gone`);
        if (!before) next.set(name, { read, document: NO_DOCUMENT });
      } else if (before?.read?.text !== read.text) {
        const parsed = parseWindows(read.text);
        if (parsed.kind === 'windows') next.set(name, { read: dated(read), document: parsed.document });
        else faults.push(`${name}: ${parsed.message}`);
      } else if (read.editedAt !== undefined && read.editedAt !== before.read.editedAt) {
        next.set(name, { ...before, read });
      }
    }
    if (names.some((name) => next.get(name) !== kept.get(name))) {
      reading = await unite(next);
      kept = next;
    }
    return { faults, missing };
  }

  async function unite(next: ReadonlyMap<string, Kept>): Promise<Reading> {
    const documents = names.flatMap((name) => next.get(name)?.document ?? []);
    const united = await readingFrom(documents, functionName);
    const isComplete = next.size === names.length;
    const dates = names.map((name) => next.get(name)?.read?.editedAt ?? Number.NEGATIVE_INFINITY);
    return {
      stateAt: (isComplete ? united : (standIn ?? united)).stateAt,
      policy: united.policy,
      editedAt: standIn?.editedAt ?? Math.max(...dates, isComplete ? Number.NEGATIVE_INFINITY : startedAt),
    };
  }

  /** Dates an edit without a date by when it was first seen here. */
  function dated({ text, editedAt = clock.now() }: ParameterText): ParameterText {
    return { text, editedAt };
  }
}

/** Union of several documents: windows united, a later document's policy winning key by key. */
export async function readingFrom(documents: readonly WindowDocument[], functionName: string): Promise<Reading> {
  const calendar = await createCalendar(
    documents.flatMap(({ windows }) => windows),
    functionName,
  );
  const policy = mergePolicies(documents.map((document) => document.policy));
  return { stateAt: calendar.stateAt, policy, editedAt: Number.NEGATIVE_INFINITY };
}

function noWindowsSince(startedAt: number): Reading {
  return {
    stateAt: () => NO_WINDOW_EVER,
    policy: NO_POLICY,
    editedAt: startedAt,
  };
}

/**
 * Under maintenance since `startAt` (epoch milliseconds), without an end: the cautious guess if no window could be
 * read. Any other environment of the function may guess the same at any time, and store.
 */
function underMaintenanceSince(startAt: number): Reading {
  const active = { startAt, reason: 'the window parameter could not be read' };
  return {
    stateAt: () => ({ ...NO_WINDOW_EVER, active }),
    policy: NO_POLICY,
    editedAt: Number.POSITIVE_INFINITY,
  };
}
