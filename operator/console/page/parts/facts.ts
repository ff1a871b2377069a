import { signal } from '@preact/signals';
import type { ConsoleFacts } from '../api.ts';

/** What this console is; undefined until it is known. */
export const facts = signal<ConsoleFacts | undefined>(undefined);
