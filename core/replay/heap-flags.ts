/**
 * Flags of V8 in every process that replays, each with its value: collect garbage before the heap has grown by more than this, and
 * leave the space for what is new as small as it is. It would rather let both grow, for which nobody who replays 100,000 events has
 * a use: with them 117 MB are resident after the 1,000th event and 124 after the 20,000th, without the second 234 and 247 (Node
 * 24.21). In the drain one stretch has 132 MB, and had 249 to 298 without.
 */
export const HEAP_FLAGS = { 'heap-growing-percent': 30, 'semi-space-growth-factor': 1 } as const;
