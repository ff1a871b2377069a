import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Word } from '../../core/words/words.ts';

const SCHEMA = join(import.meta.dirname, '../../docs/events-schema.json');

// Kept out of the checker's sight: their types are of CommonJS.
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
(addFormats as unknown as (one: Ajv) => void)(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** What docs/events-schema.json has against an event as a rule of EventBridge gets it; empty where it is one of ours. */
export function faultsOfEvent(event: object): readonly string[] {
  if (validate(event)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** A word as EventBridge passes it on, once it is on the bus of the table's account. */
export function eventOf({ type, at, detail }: Word): object {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': type,
    source: 'maintenance-window',
    account: '111122223333',
    time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: 'eu-south-1',
    resources: [],
    detail: { ...JSON.parse(JSON.stringify(detail)), table: 'maintenance-window-events' },
  };
}
