import { counted } from '../../../../core/text/shown.ts';

/** Events that a replay would not send, by what would become of them, as its dry run counts them. */
export interface OthersJson {
  readonly dryRun?: boolean;
  readonly discarded?: number;
  readonly refused?: number;
  readonly held?: number;
  readonly damaged?: number;
  readonly leased?: number;
  /** By status. */
  readonly passedOver?: Readonly<Record<string, number>>;
}

/** What a replay would do besides sending events. */
export function Others({ found }: { readonly found: OthersJson }) {
  const { dryRun, discarded = 0, refused = 0, held = 0, damaged = 0, leased = 0, passedOver = {} } = found;
  if (!dryRun) return null;
  const lines = [
    discarded > 0 && `${counted(discarded, 'event')} would be discarded: a later run of the same schedule is there.`,
    refused > 0 && `${counted(refused, 'event')} would be refused, which cannot go through Lambda’s own queue.`,
    held > 0 && `${counted(held, 'event')} would be held back behind what is not done in their order.`,
    damaged > 0 && `${counted(damaged, 'event')} would be marked as failed: the stored event is damaged.`,
    leased > 0 && `${counted(leased, 'event')} would be left until the lease is over: they may still be running.`,
    ...Object.entries(passedOver).map(
      ([status, events]) => `${counted(events, `${status} event`)} would be left: choose that status for them.`,
    ),
  ].filter((line) => line !== false);
  return lines.length === 0 ? null : (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
