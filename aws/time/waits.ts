import type { Waiting, Waits } from '../../core/replay/progress/waits.ts';

/** Times at which a wait is reported, in milliseconds. */
export interface WaitIntervals {
  readonly first: number;
  readonly again: number;
  /** How often the waits are looked at. */
  readonly look: number;
}

/** First report: within 5 s, and after the table's first answer is given up, which says more. */
const INTERVALS: WaitIntervals = { first: 4_300, again: 60_000, look: 250 };

/** The waits of an operator, which can be looked at. */
export interface OperatorWaits extends Waits {
  /** What is waited for now, and has been for a while or surely will be; of each kind the oldest. */
  current(): readonly CurrentWait[];
}

/** A wait that goes on. */
export interface CurrentWait extends Waiting {
  /** It will last, as whoever began it knows. */
  readonly isSure: boolean;
}

interface Kind {
  /** In the order in which they began. */
  readonly under: Set<Wait>;
  /** What was told last, and when. Both stay when a wait ends: the same again within the minute is no news. */
  told: string;
  toldAt: number;
}

interface Wait {
  readonly beganAt: number;
  readonly waiting: () => Waiting;
}

/** @param tell gets each wait that lasts. It holds no process: a command that is done ends */
export function createWaits(tell: (waiting: Waiting) => void, intervals = INTERVALS): OperatorWaits {
  const kinds = new Map<string, Kind>();
  let timer: NodeJS.Timeout | undefined;

  return { begin, during, current };

  function begin(name: string, waiting: () => Waiting, isSure = false): () => void {
    const kind = kinds.get(name) ?? { under: new Set(), told: '', toldAt: Number.NEGATIVE_INFINITY };
    kinds.set(name, kind);
    const wait: Wait = { beganAt: isSure ? Number.NEGATIVE_INFINITY : performance.now(), waiting };
    kind.under.add(wait);
    if (isSure) lookAt(kind, 0);
    timer ??= setInterval(look, intervals.look).unref();
    return () => {
      kind.under.delete(wait);
      if ([...kinds.values()].some(({ under }) => under.size > 0)) return;
      clearInterval(timer);
      timer = undefined;
    };
  }

  async function during<Value>(kind: string, waiting: () => Waiting, work: Promise<Value>): Promise<Value> {
    const over = begin(kind, waiting);
    try {
      return await work;
    } finally {
      over();
    }
  }

  function current(): readonly CurrentWait[] {
    return [...kinds.values()].flatMap(({ under: [oldest] }) => {
      if (!oldest || performance.now() - oldest.beganAt < intervals.first) return [];
      return [{ ...oldest.waiting(), isSure: !Number.isFinite(oldest.beganAt) }];
    });
  }

  function look(): void {
    for (const kind of kinds.values()) lookAt(kind, intervals.first);
  }

  /** @param newsMs how long after the last news of this kind another reason may be told */
  function lookAt(kind: Kind, newsMs: number): void {
    const [oldest] = kind.under;
    const now = performance.now();
    if (!oldest || now - oldest.beganAt < intervals.first) return;
    const waiting = oldest.waiting();
    const telling = waiting.isSteady ? waiting.why : `${waiting.why} ${waiting.untilAt}`;
    if (now - kind.toldAt < (telling === kind.told ? intervals.again : newsMs)) return;
    kind.told = telling;
    kind.toldAt = now;
    tell(waiting);
  }
}
