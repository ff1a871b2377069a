import { SETTINGS } from '../gate/config.ts';
import type { Grounds } from './permissions.ts';

/** Where the windows and the events are, as the runtime's configuration has it. */
export function environmentOf({ parameters, table }: Grounds): Record<string, string> {
  return {
    [SETTINGS.parameters.name]: parameters.map(({ reference }) => reference).join(','),
    [SETTINGS.table.name]: table.tableName,
  };
}
