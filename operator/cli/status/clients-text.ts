import type { SeenClient } from '../../events/client-version.ts';
import type { FunctionState, TableState } from '../../events/table-state.ts';
import type { Times } from '../../times/times.ts';
import { TOOL_VERSION } from '../tool-version.ts';

/** A function that has an event which tells of its client. */
type FunctionClient = Pick<FunctionState, 'functionName'> & { readonly client: SeenClient };

const NAMES_SHOWN = 5;

/**
 * Functions whose last event another client stored than the one of this tool's version, a line for each version. No line
 * where there is none: that is how it should be.
 *
 * @param now epoch milliseconds
 */
export function clientsLines(table: TableState, now: number, times: Times): readonly string[] {
  const others = new Map<string | undefined, FunctionClient[]>();
  for (const { functionName, client } of table.kind === 'known' ? table.functions : []) {
    if (!client || client.version === TOOL_VERSION) continue;
    const sameVersion = others.get(client.version) ?? [];
    others.set(client.version, [...sameVersion, { functionName, client }]);
  }
  if (others.size === 0) return [];
  const width = Math.max(...[...others.keys()].map((version) => nameOf(version).length));
  return [
    '',
    `Clients of another version than this tool’s ${TOOL_VERSION}, by each function’s last stored event:`,
    ...[...others].map(([version, functions]) => {
      const lastAt = Math.max(...functions.map(({ client }) => client.deferredAt));
      return `  ${nameOf(version).padEnd(width)}  ${namesText(functions)}; last ${times.fromNow(lastAt, now)}`;
    }),
  ];
}

function nameOf(version: SeenClient['version']): string {
  return version ?? 'not recorded';
}

function namesText(functions: readonly FunctionClient[]): string {
  const names = functions.slice(0, NAMES_SHOWN).map(({ functionName }) => functionName);
  const more = functions.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}
