import type { EventArchive, EventRow } from '../../../core/events/archive.ts';
import type { DecodedBody } from '../../../core/events/body.ts';
import { inPages } from '../../../core/events/in-pages.ts';
import { eventKey } from '../../../core/events/table.ts';

/** A search in the texts of events. Reads each text once, however often its rows are gone through. */
export interface BodySearch {
  /** Of the rows of one function those whose text has the words. What cannot be read has none. */
  matching(archive: Pick<EventArchive, 'texts'>, rows: AsyncIterable<EventRow>): AsyncGenerator<EventRow>;
}

/** @param words are looked for in the text as it is stored, and without the backslashes of JSON inside JSON. Case does not matter */
export function createBodySearch(words: string): BodySearch {
  const wanted = words.toLowerCase();
  const known = new Map<string, boolean>();

  return {
    async *matching(archive, rows) {
      for await (const page of inPages(rows)) {
        await readAll(
          archive,
          page.filter((row) => !known.has(eventKey(row))),
        );
        for (const row of page) if (known.get(eventKey(row))) yield row;
      }
    },
  };

  async function readAll(archive: Pick<EventArchive, 'texts'>, rows: readonly EventRow[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const { texts } = await archive.texts(
      first.functionName,
      rows.map(({ id }) => id),
    );
    for (const row of rows) known.set(eventKey(row), has(texts.get(row.id)));
  }

  function has(body: DecodedBody | undefined): boolean {
    if (body?.kind !== 'text') return false;
    const text = body.text.toLowerCase();
    return text.includes(wanted) || text.replaceAll('\\"', '"').includes(wanted);
  }
}
