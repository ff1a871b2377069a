import { join } from 'node:path';

/**
 * What `build/` made for stacks: the package ships it, so that a synth needs no compiler. This file stands in `infra/`
 * itself, since the bundle of the constructs has one folder for all of them: `build/library.ts`.
 */
export const PREBUILT = join(import.meta.dirname, '..', 'dist');
