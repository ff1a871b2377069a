import { instantOrUndefined } from '../../../core/windows/window-text.ts';
import type { Finding } from '../../doctor/finding.ts';
import type { Unseen } from '../../doctor/unseen.ts';
import { remarkText } from '../terminal/remedy-text.ts';
import { type Telling, wordsOf } from './finding-text.ts';

/** For programs: `docs/cli.md` has the shape. Words are for people, and may change. */
export function findingJson(finding: Finding, telling: Telling): object {
  const { kind, subject, state } = finding;
  const { says, remedy } = wordsOf(finding, telling);
  return {
    kind,
    subject,
    state,
    data: finding.unseen ? unseenJson(finding.unseen, telling) : dataJson(finding),
    message: says,
    remedy,
  };
}

function unseenJson({ why, action, message: text, remedy }: Unseen, { command }: Telling): object {
  return { why, action, message: remarkText({ text, ...(remedy && { remedy }) }, command) };
}

/** Instants as text, under names without `At`, as everywhere in this tool's JSON. */
function dataJson(finding: Exclude<Finding, { readonly unseen: object }>): object {
  if (finding.kind === 'parameter' && finding.data.why === undefined) {
    const { modifiedAt, next, ...facts } = finding.data;
    return { ...facts, modified: instantOrUndefined(modifiedAt), next: next && nextJson(next) };
  }
  if (finding.kind === 'client' && finding.data.why !== 'never-seen') {
    const { seenAt, ...facts } = finding.data;
    return { ...facts, seen: instantOrUndefined(seenAt) };
  }
  return finding.data;
}

function nextJson({ startAt, endAt, ...facts }: { readonly startAt: number; readonly endAt?: number }): object {
  return { start: instantOrUndefined(startAt), end: instantOrUndefined(endAt), ...facts };
}
