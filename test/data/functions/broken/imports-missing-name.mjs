import { noSuchName } from '../values.mjs';

export const handler = async () => noSuchName;
