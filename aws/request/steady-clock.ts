import type { Clock } from '../../core/gate/ports.ts';
import { monotonicMs } from './time-limit.ts';

/**
 * For durations: the clock that nobody can set, in milliseconds since some instant. It stands still while the machine
 * sleeps, or an environment is frozen.
 */
export const steadyClock: Clock = { now: monotonicMs, random: Math.random };
