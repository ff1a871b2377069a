/** The gate, as it is evaluated in its own realm: first the globals that it needs there. */
import './world.ts';

export { attach, written } from '../main.ts';
