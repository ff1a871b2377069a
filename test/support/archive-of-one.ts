import type { Claim, EventArchive } from '../../aws/events.ts';
import type { StoredEvent } from '../../aws/stored-event.ts';
import type { EventStatus } from '../../gate/event.ts';
import type { EventIdentity } from '../../gate/table.ts';

/** An archive as tests use it that name an event by its id alone, and read no event that is damaged. */
export interface ArchiveOfOne extends EventArchive {
  look(event: string | EventIdentity): Promise<StoredEvent | undefined>;
  read(event: string | EventIdentity): ReturnType<EventArchive['read']>;
  claim(event: string | EventIdentity, from: readonly EventStatus[]): Promise<Claim | undefined>;
  discard(event: string | EventIdentity, why: string): Promise<boolean>;
}

/** @param functionNameOf whose event is meant by an id */
export function archiveOfOne(archive: EventArchive, functionNameOf: (id: string) => string): ArchiveOfOne {
  const meant = (event: string | EventIdentity) =>
    typeof event === 'string' ? { functionName: functionNameOf(event), id: event } : event;
  return {
    ...archive,
    async look(event) {
      const found = await archive.look(meant(event));
      if (found?.damaged !== undefined) throw new Error(found.damaged);
      return found;
    },
    read: (event) => archive.read(meant(event)),
    async claim(event, from) {
      const claim = await archive.claim(meant(event), from);
      if (claim?.kind === 'damaged') throw new Error(claim.event.damaged);
      return claim;
    },
    discard: (event, why) => archive.discard(meant(event), why),
  };
}
