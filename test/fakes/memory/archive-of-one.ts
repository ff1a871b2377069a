import type { Claim, EventArchive, FoundEvent, StoredEvent } from '../../../core/events/archive.ts';

import type { EventStatus } from '../../../core/events/deferred-event.ts';
import type { EventIdentity } from '../../../core/events/table.ts';

/** An event, and whatever a damaged one may not have. */
type SeenEvent = FoundEvent & Partial<Omit<StoredEvent, 'damaged'>>;

/** An archive as tests use it that name an event by its id alone, and claim none that is damaged. */
export interface ArchiveOfOne extends EventArchive {
  look(event: string | EventIdentity): Promise<SeenEvent | undefined>;
  read(event: string | EventIdentity): ReturnType<EventArchive['read']>;
  claim(event: string | EventIdentity, from: readonly EventStatus[], takesMs?: number): Promise<Claim | undefined>;
  discard(event: string | EventIdentity, why: string): Promise<boolean>;
  noteCopy(event: string | EventIdentity, copy: Parameters<EventArchive['noteCopy']>[1]): Promise<boolean>;
  restore(event: string | EventIdentity, why?: string): ReturnType<EventArchive['restore']>;
}

/** @param functionNameOf whose event is meant by an id */
export function archiveOfOne(archive: EventArchive, functionNameOf: (id: string) => string): ArchiveOfOne {
  const meant = (event: string | EventIdentity) =>
    typeof event === 'string' ? { functionName: functionNameOf(event), id: event } : event;
  return {
    ...archive,
    look: (event) => archive.look(meant(event)),
    read: (event) => archive.read(meant(event)),
    async claim(event, from, takesMs) {
      const claim = await archive.claim(meant(event), from, takesMs);
      if (claim?.kind === 'damaged') throw new Error(claim.event.damaged);
      return claim;
    },
    discard: (event, why) => archive.discard(meant(event), why),
    noteCopy: (event, copy) => archive.noteCopy(meant(event), copy),
    restore: (event, why) => archive.restore(meant(event), why),
  };
}
