/**
 * What is shown is looked at again, by short requests, for as long as it is seen. A browser holds six connections open to one server,
 * whatever its tabs ask: so all of them together look at a few things at once and hear the news once, and one connection is always
 * left for what somebody does.
 */
import type { Looked } from '../answer.ts';
import { type Given, hear, isGone, isStranger, look, lookedLater, news, newsAt } from './api.ts';
import { now } from './parts/clock.ts';

const LOOKS_AT_ONCE = 4;
const LOOKS = Array.from({ length: LOOKS_AT_ONCE }, (_, index) => `look-${index}`);
const LONG_LOOKS = LOOKS.slice(0, 2);
/** How often who does not answer is asked. */
const UNANSWERED_AGAIN_MS = 2_000;

/** What a look that is repeated was answered. */
export interface Followed extends Looked {
  /** Where the latest look failed: when its results are of. Epoch milliseconds. */
  readonly asOf?: number;
}

/**
 * Follows what a look is answered: as often as the server finds that worth, and at once where something was done. A server that is
 * gone is asked again until it is back. What was shown stays where AWS does not answer for a while: a look that has no result tells
 * that of the one before, and since when.
 *
 * @param tell gets each answer that differs from the one before
 * @returns what ends it
 */
export function follow(name: string, given: Given, tell: (answer: Followed) => void): () => void {
  let dueAt = 0;
  let seenNewsAt = 0;
  let before = '';
  let whole: Pick<Followed, 'results' | 'asOf'> | undefined;
  return whileSeen(async (ended) => {
    for (;;) {
      await until(dueAt, seenNewsAt, ended);
      if (ended.aborted) return;
      // what is done while it is under way may not be in it
      const latest = newsAt.value;
      const answer = await lookInTurn(name, given, ended).catch(() => undefined);
      if (ended.aborted) return;
      seenNewsAt = latest;
      dueAt = performance.now() + (answer?.againMs ?? UNANSWERED_AGAIN_MS);
      if (!answer) continue;
      const hasResult = answer.results.length > 0;
      if (hasResult) whole = { results: answer.results, asOf: now.value };
      const told = hasResult ? answer : { ...answer, ...whole };
      const text = JSON.stringify(told);
      if (text === before) continue;
      before = text;
      tell(told);
    }
  });
}

/** Looks once, for a page that shows something: in its turn, as what nobody waits for by a click may take as long as AWS does. */
export function lookOnce(name: string, given: Given = {}, ended?: AbortSignal): Promise<Looked> {
  return lookInTurn(name, given, ended);
}

/** Between two questions what takes long gives its turn to others: it has two of them alone, and what begins has any. */
async function lookInTurn(name: string, given: Given, ended?: AbortSignal): Promise<Looked> {
  let told = await inTurn(LOOKS, () => look(name, given, ended), ended);
  while ('later' in told) {
    const known = told;
    told = await inTurn(LONG_LOOKS, () => lookedLater(known, ended), ended);
  }
  return told;
}

/** Does it once any of these turns is free: the locks are of all its tabs. */
function inTurn<Value>(turns: readonly string[], does: () => Promise<Value>, ended?: AbortSignal): Promise<Value> {
  const begun = new AbortController();
  const signal = ended ? AbortSignal.any([ended, begun.signal]) : begun.signal;
  return new Promise((resolve, reject) => {
    const take = async () => {
      // two may be free at once
      if (begun.signal.aborted) return;
      begun.abort();
      await does().then(resolve, reject);
    };
    const unlessBegun = (fault: unknown) => {
      if (!begun.signal.aborted) reject(fault);
    };
    for (const name of turns) navigator.locks.request(name, { signal }, take).catch(unlessBegun);
  });
}

/** What a tab that hears the news tells the others. */
interface Shared {
  readonly newsAt: number;
  readonly isGone: boolean;
}

/** Hears the news: one tab of those that are seen does of the server, and tells the others. */
export function startNews(): void {
  const tabs = new BroadcastChannel('news');
  tabs.onmessage = ({ data }: MessageEvent<Shared>) => {
    isGone.value = data.isGone;
    hear(data.newsAt);
  };
  const share = () => tabs.postMessage({ newsAt: newsAt.value, isGone: isGone.value } satisfies Shared);
  const listen = async (ended: AbortSignal) => {
    while (!ended.aborted) {
      await news(share, ended).catch(() => undefined);
      // of a console that has ended there are none, and other tabs may be of the one in its place
      if (ended.aborted || isStranger.value) return;
      share();
      await until(performance.now() + UNANSWERED_AGAIN_MS, Number.POSITIVE_INFINITY, ended);
    }
  };
  whileSeen((ended) => navigator.locks.request('news', { signal: ended }, () => listen(ended)).catch(() => undefined));
}

/**
 * Does something for as long as the page is seen, and begins anew once it is seen again.
 *
 * @returns what ends it
 */
function whileSeen(does: (ended: AbortSignal) => Promise<void>): () => void {
  let controller = new AbortController();
  const begin = () => {
    controller.abort();
    controller = new AbortController();
    if (!document.hidden) void does(controller.signal);
  };
  document.addEventListener('visibilitychange', begin);
  begin();
  return () => {
    controller.abort();
    document.removeEventListener('visibilitychange', begin);
  };
}

/** Resolves at that time of `performance.now()`, once there are later news than those, or once it has ended. */
function until(at: number, seenNewsAt: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const leftMs = at - performance.now();
    if (ended.aborted || leftMs <= 0 || newsAt.value > seenNewsAt) return resolve();
    const over = () => {
      clearTimeout(timer);
      unheard();
      ended.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, leftMs);
    const unheard = newsAt.subscribe((latest) => {
      if (latest > seenNewsAt) over();
    });
    ended.addEventListener('abort', over);
  });
}
