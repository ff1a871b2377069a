import type { Clock } from '../../core/gate/ports.ts';
import type { SharedAccess } from '../access/shared-access.ts';

/** What a command has around it: the process that it runs in, as `operator/cli/main.ts` hands it over. */
export interface Host {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly clock: Clock;
  /**
   * Makes the first Ctrl-C, SIGTERM or SIGHUP abort the signal instead of ending the process; the second one ends it. Until
   * this is called, the first one does. An output that goes away, or a full disk, aborts it likewise. Its reason is the
   * exit code.
   *
   * @param how `isChange` false: it only shows, and has something to write down before it ends
   */
  interrupted(how?: { readonly isChange: boolean }): AbortSignal;
  /** Makes it the profile of everything that reads the configuration files, as `AWS_PROFILE` does. Before a client of AWS is loaded. */
  useProfile(name: string): void;
  /** Told of the record of a replay as soon as there is one; undefined: it goes on without. Absent: nobody asks. */
  recorded?(runId: string | undefined): void;
  /** Told of the fault that ends the command. Absent: nobody asks. */
  failed?(fault: unknown): void;
  /** Told of the command's words once it has ended, with instants for times that mean others later. Absent: nobody asks. */
  meant?(words: readonly string[]): void;
  /** Told of read units of the table as they are spent. Absent: nobody asks. */
  readonly spent?: (readUnits: number) => void;
  /** What commands of one process share. Absent: this one is the only command of its process. */
  readonly shared?: SharedAccess;
  /** From now on something is changed: that the output went away is no good end. Part of {@link interrupted}. */
  changing(): void;
}
