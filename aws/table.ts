/** The table as the SDK's CreateTable takes it; `gate/table.ts` has every other name, where the stack can have them too. */
export { TTL_ATTRIBUTE, tableDefinition } from '../gate/table.ts';
