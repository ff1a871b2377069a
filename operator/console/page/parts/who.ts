import { signal } from '@preact/signals';
import { lookOnce } from '../live.ts';

export interface WhoamiJson {
  readonly account?: string;
  readonly alias?: string;
  readonly arn?: string;
  readonly region: string;
  /** Absent: AWS's own. */
  readonly endpoint?: string;
  readonly context?: string;
  readonly production?: boolean;
  readonly parameters: readonly string[];
  readonly table: string;
}

/** Who works here, and where. It does not change while the console runs, and is asked once. */
export const who = signal<WhoamiJson | undefined>(undefined);

export function askWho(): void {
  lookOnce('whoami').then(
    ({ results: [found] }) => {
      who.value = found as WhoamiJson | undefined;
    },
    () => undefined,
  );
}
