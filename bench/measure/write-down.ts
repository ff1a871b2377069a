import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { UPSTREAM } from '../../ric/patch/upstream.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const BEGIN = '<!-- measured: npm run bench -- --write -->';
const END = '<!-- end -->';

/** Replaces the table in docs/benchmarks.md, with when and on what it was measured. */
export function writeDown(table: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} has no place for a table between "${BEGIN}" and "${END}"`);
  const place = `${BEGIN}\n${circumstances()}\n\n${table}\n${END}`;
  writeFileSync(DOCUMENT, document.slice(0, from) + place + document.slice(to + END.length));
}

function circumstances(): string {
  const date = new Date().toISOString().slice(0, 10);
  const processors = cpus();
  const machine = `${processors.length} × ${processors[0]?.model.trim()}`;
  return `Measured on ${date}: Node ${process.version}, ${UPSTREAM.package} ${UPSTREAM.version}, ${process.platform} ${process.arch}, ${machine}.`;
}
