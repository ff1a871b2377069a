import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { Announcer } from '../../core/words/announcer.ts';
import { WORDS_SOURCE, type Word } from '../../core/words/words.ts';

/** Source: Amazon EventBridge API reference, "PutEvents". */
const ENTRIES_A_REQUEST = 10;

/**
 * The account's default event bus. Needs `events:PutEvents` on it. Rejects with the SDK's own faults, and where the bus
 * refuses a word, with the code that it gives.
 *
 * @param config region, credentials, endpoint
 * @param table the deferred events table, by name or ARN: each word says which, as a bus may have those of several
 */
export function createEventBus(config: EventBridgeClientConfig, table: string): Announcer & { close(): void } {
  const client = new EventBridgeClient(config);
  const tableName = table.replace(/^.*\//, '');
  return { announce, close: () => client.destroy() };

  async function announce(words: readonly Word[]): Promise<void> {
    for (let first = 0; first < words.length; first += ENTRIES_A_REQUEST) {
      await put(words.slice(first, first + ENTRIES_A_REQUEST));
    }
  }

  async function put(words: readonly Word[]): Promise<void> {
    const { FailedEntryCount = 0, Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: words.map((word) => entryOf(word, tableName)) }),
    );
    if (FailedEntryCount === 0) return;
    const index = Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
    const { ErrorCode, ErrorMessage } = Entries[index] ?? {};
    throw new Error(
      `the event bus refused ${FailedEntryCount} of ${words.length} events, first ${words[index]?.type} (${ErrorCode}: ${ErrorMessage})`,
    );
  }
}

function entryOf({ type, at, detail }: Word, table: string): PutEventsRequestEntry {
  return { Source: WORDS_SOURCE, DetailType: type, Time: new Date(at), Detail: JSON.stringify({ ...detail, table }) };
}
