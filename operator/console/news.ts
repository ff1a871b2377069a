/** That something was done in this console, for pages that show what was before. */
export interface News {
  /** When that was last: epoch milliseconds, a later one each time. A console that has begun anew has later ones than before. */
  latest(): number;
  /** Something was done. */
  tell(): void;
  /** Tells the latest at once, and each that follows. @returns what ends it */
  hear(told: (at: number) => void): () => void;
}

/** @param now epoch milliseconds, by this machine's clock */
export function createNews(now: () => number): News {
  const hearers = new Set<(at: number) => void>();
  let latest = now();
  return {
    latest: () => latest,
    tell() {
      latest = Math.max(latest + 1, now());
      for (const told of hearers) told(latest);
    },
    hear(told) {
      hearers.add(told);
      told(latest);
      return () => hearers.delete(told);
    },
  };
}
