/** Of events: in the order in which a report has them. */
export const STATUSES = [
  'pending',
  'replaying',
  'failed',
  'unknown',
  'replayed',
  'accepted',
  'taken-back',
  'discarded',
] as const;
