import { setTimeout as sleep } from 'node:timers/promises';
import { type Difference, differenceOf, holdsIn } from '../../core/windows/difference.ts';
import type { ParameterStore, ParameterVersion } from './parameter-store.ts';

/** The version of a parameter that does not exist. */
export const NEVER_WRITTEN = 0;

/** Outcome of an edit. */
export type EditOutcome =
  /** `unchecked`: whether it is still in force could not be read afterwards. */
  | { readonly kind: 'written'; readonly version: number; readonly unchecked?: boolean }
  /** Somebody wrote this before us. Nothing was written. */
  | { readonly kind: 'changed-before'; readonly by: ParameterVersion }
  /** Somebody wrote in the very moment in which we did. Theirs is in force again, ours is not. */
  | {
      readonly kind: 'lost';
      /** Versions that our write covered, oldest first. Absent if the history did not say. */
      readonly covered?: readonly ParameterVersion[];
      /** Of those, the one whose text was put back, and the version that it has now. Absent where that failed. */
      readonly restored?: { readonly from: ParameterVersion; readonly version: number };
    }
  /** We wrote well, and somebody else's write does not hold what ours said. */
  | { readonly kind: 'undone'; readonly version: number; readonly by: ParameterVersion };

/** How long another tool may take between its own check and its write; after that, nobody writes on what was there before ours. */
const SETTLE_MS = 1_000;
/** How long somebody who covered our write is given to put it back. */
const RESTORE_MS = 5_000;
const LOOK_AGAIN_MS = 250;
/** Restoring can meet a third editor, and each of its requests a service that is asked too often. */
const RESTORE_TRIES = 3;
/** Each pause is random, up to this. */
const RESTORE_PAUSE_MS = 300;
/** SSM takes a parameter's next update after a moment. */
const FIRST_RETRY_MS = 250;

/**
 * Replaces the text of a parameter. SSM has no conditional write, so an edit is a check, a write, and a look at what the
 * write met:
 *
 * 1. The version is still the one that the edit was made on; else nothing is written.
 * 2. The write's own version is the next one. Else it covered somebody's write: their text is put back, and the edit is lost.
 * 3. A second later the edit is still in force. Else whoever covered it without looking is told of, after some seconds of
 *    patience for a tool that is about to put it back.
 *
 * A parameter that does not exist is made on condition that it still does not; the rest is the same.
 *
 * So of any number of editors, each whose edit is not in force at the end hears of it.
 *
 * @param base the version that the edit was made on; {@link NEVER_WRITTEN} where there is none
 */
export async function replaceText(
  store: ParameterStore,
  name: string,
  base: ParameterVersion,
  text: string,
): Promise<EditOutcome> {
  const seen = await store.read(name);
  if ((seen?.version ?? NEVER_WRITTEN) !== base.version) return changedBefore(store, name, base);
  const version = await writeOnce(store, name, base, text);
  if (version === undefined) return changedBefore(store, name, base);
  if (version !== base.version + 1) return giveBack(store, name, base, version);
  return settle(store, name, version, differenceOf(base.text, text));
}

async function changedBefore(store: ParameterStore, name: string, base: ParameterVersion): Promise<EditOutcome> {
  const by = (await store.history(name).catch(() => [])).at(-1);
  return { kind: 'changed-before', by: by ?? base };
}

/**
 * A write whose answer is lost may have been done all the same: the history tells.
 *
 * @returns undefined where it was to be made, and somebody else has made it
 */
async function writeOnce(
  store: ParameterStore,
  name: string,
  base: ParameterVersion,
  text: string,
): Promise<number | undefined> {
  try {
    if (base.version === NEVER_WRITTEN) return await store.create(name, text);
    return await store.write(name, text, base.attributes);
  } catch (error) {
    const versions = await store.history(name).catch(() => []);
    const ours = versions.find((one) => one.version > base.version && one.text === text);
    if (ours) return ours.version;
    throw error;
  }
}

/** Puts back what our write covered. */
async function giveBack(
  store: ParameterStore,
  name: string,
  base: ParameterVersion,
  ourVersion: number,
): Promise<EditOutcome> {
  let [from, version] = [base.version, ourVersion];
  let good = base;
  const covered: ParameterVersion[] = [];
  for (let tries = 0; tries < RESTORE_TRIES; tries += 1) {
    const history = await patiently(() => store.history(name));
    if (!history) return covered.length > 0 ? { kind: 'lost', covered } : { kind: 'lost' };
    const others = history.filter((one) => one.version > from && one.version < version);
    covered.push(...others);
    const before = good;
    for (const other of others) if (isBuiltOn(other, good, base)) good = other;
    if (good === base || (tries > 0 && good === before)) break;
    from = version;
    const { text, attributes } = good;
    const restored = await patiently(() => store.write(name, text, attributes));
    if (restored === undefined) return { kind: 'lost', covered };
    version = restored;
    if (version === from + 1) break;
    await sleep(Math.random() * RESTORE_PAUSE_MS);
  }
  return { kind: 'lost', covered, ...(good !== base && { restored: { from: good, version } }) };
}

/** Tries what has to be done, although SSM is in trouble or asked too often. Undefined where it does not come to pass. */
async function patiently<Value>(request: () => Promise<Value>): Promise<Value | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await request();
    } catch {
      if (tries === RESTORE_TRIES) return undefined;
      await sleep(FIRST_RETRY_MS * 2 ** tries * (0.5 + Math.random()));
    }
  }
}

/**
 * Whether a version was made in knowledge of another one, and so is the one to put back. One that was not is the write of
 * somebody who has lost as we have, and will put back by himself.
 */
function isBuiltOn(version: ParameterVersion, other: ParameterVersion, base: ParameterVersion): boolean {
  return other === base || holdsIn(differenceOf(base.text, other.text), version.text);
}

async function settle(
  store: ParameterStore,
  name: string,
  version: number,
  difference: Difference,
): Promise<EditOutcome> {
  await sleep(SETTLE_MS);
  const endsAt = performance.now() + RESTORE_MS;
  for (;;) {
    const now = await store.read(name).catch(() => undefined);
    if (now && (now.version === version || holdsIn(difference, now.text))) return { kind: 'written', version };
    if (performance.now() >= endsAt) {
      const history = await patiently(() => store.history(name));
      const by = history?.find((one) => one.version > version && !holdsIn(difference, one.text));
      if (by) return { kind: 'undone', version, by };
      return history ? { kind: 'written', version } : { kind: 'written', version, unchecked: true };
    }
    await sleep(LOOK_AGAIN_MS);
  }
}
