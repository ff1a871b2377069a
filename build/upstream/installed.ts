import { join } from 'node:path';
import { UPSTREAM } from '../../ric/patch/upstream.ts';

/** The package that upstream is installed by, apart from the project's own packages. */
export const UPSTREAM_HOME = join(import.meta.dirname, '..', '..', 'ric', 'upstream');

/** Upstream as npm installs it. */
export const INSTALLED = join(UPSTREAM_HOME, 'node_modules', UPSTREAM.package);

/** Its compiled part, in whatever folder one is. */
export const NATIVE = 'rapid-client.node';
