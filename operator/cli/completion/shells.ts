/** Shells whose completion there is. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What the scripts call at each Tab. */
export const COMPLETE_COMMAND = '__complete';

/** Tells a script to complete names of files. */
export const FILES = ':files';
