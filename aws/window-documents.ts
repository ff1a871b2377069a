import { createCalendar } from '../gate/calendar.ts';
import { mergePolicies, NO_POLICY } from '../gate/policy.ts';
import type { Reading } from '../gate/ports.ts';
import { parseWindows, type WindowDocument } from '../gate/window.ts';
import type { ParameterTexts } from './parameter-reader.ts';

/** The last good document of each window parameter, and what they amount to together. */
export interface WindowDocuments {
  /** A new object whenever a document has changed. */
  readonly reading: Reading;
  /** Whether every parameter has been read well at least once. */
  readonly complete: boolean;
  /** Whether this parameter has been read well at least once. */
  isKnown(name: string): boolean;
  /** What they were parsed from. Whoever adopts this has the same documents. */
  readonly texts: ParameterTexts;
  /**
   * Takes over what was read. Each parameter stands or falls by itself, so that a broken document of the team's does
   * not hide a window that an operator opens in another: what is malformed, or gone after it was there, is a fault,
   * and its last good document stays.
   */
  adopt(texts: ParameterTexts): Promise<Adopted>;
}

/** What {@link WindowDocuments.adopt} has to tell. */
interface Adopted {
  /** One message for each parameter whose last good document had to stay. */
  readonly faults: readonly string[];
  /** Parameters that do not exist and never did here, told once. */
  readonly missing: readonly string[];
}

/** A document and the text it was parsed from. A parameter that does not exist has no text, and no windows. */
interface Kept {
  readonly text: string | undefined;
  readonly document: WindowDocument;
}

const NO_DOCUMENT: WindowDocument = { form: 'document', windows: [], policy: NO_POLICY };

/**
 * Makes the documents of an environment, none of them read yet.
 *
 * @param standIn whose windows hold while any parameter has no good document yet; absent: those that are known hold
 */
export function createWindowDocuments(
  names: readonly string[],
  functionName: string,
  standIn: Reading | undefined,
): WindowDocuments {
  let kept: ReadonlyMap<string, Kept> = new Map();
  let reading = standIn ?? NO_WINDOWS;
  return {
    get reading() {
      return reading;
    },
    get complete() {
      return kept.size === names.length;
    },
    isKnown: (name) => kept.has(name),
    get texts() {
      return new Map([...kept].map(([name, { text }]) => [name, text]));
    },
    adopt,
  };

  async function adopt(texts: ParameterTexts): Promise<Adopted> {
    const next = new Map(kept);
    const faults: string[] = [];
    const missing: string[] = [];
    for (const [name, text] of texts) {
      const before = kept.get(name);
      if (before && before.text === text) continue;
      if (text !== undefined) {
        const parsed = parseWindows(text);
        if (parsed.kind === 'windows') next.set(name, { text, document: parsed.document });
        else faults.push(`${name}: ${parsed.message}`);
      } else if (before) {
        faults.push(`${name} is gone`);
      } else {
        next.set(name, { text, document: NO_DOCUMENT });
        missing.push(name);
      }
    }
    if (names.some((name) => next.get(name) !== kept.get(name))) {
      const documents = names.flatMap((name) => next.get(name)?.document ?? []);
      const united = await readingFrom(documents, functionName);
      const { stateAt } = next.size < names.length ? (standIn ?? united) : united;
      reading = { stateAt, policy: united.policy };
      kept = next;
    }
    return { faults, missing };
  }
}

/** What several documents amount to together: windows united, a later document's policy winning key by key. */
export async function readingFrom(documents: readonly WindowDocument[], functionName: string): Promise<Reading> {
  const calendar = await createCalendar(
    documents.flatMap(({ windows }) => windows),
    functionName,
  );
  return { stateAt: calendar.stateAt, policy: mergePolicies(documents.map(({ policy }) => policy)) };
}

const NO_WINDOWS: Reading = {
  stateAt: () => ({
    validFrom: Number.NEGATIVE_INFINITY,
    validUntil: Number.POSITIVE_INFINITY,
    lastEndAt: Number.NEGATIVE_INFINITY,
  }),
  policy: NO_POLICY,
};

/** Under maintenance since `startAt` (epoch milliseconds), with no end: the cautious guess where no window could be read. */
export function underMaintenanceSince(startAt: number): Reading {
  const active = { startAt, reason: 'the window parameter could not be read' };
  return {
    stateAt: () => ({
      validFrom: Number.NEGATIVE_INFINITY,
      validUntil: Number.POSITIVE_INFINITY,
      lastEndAt: Number.NEGATIVE_INFINITY,
      active,
    }),
    policy: NO_POLICY,
  };
}
