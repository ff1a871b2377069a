import type { EventSourceMapping } from '../../aws/lambda/function-inspector.ts';
import type { NoGate } from '../../core/deployment/runtimes.ts';
import type { Policy } from '../../core/sources/policy.ts';
import type { Identity } from '../access/credentials.ts';
import type { Unseen } from './unseen.ts';

/**
 * What a look came to. `warning`: it works, and somebody should know or decide. `problem`: it does not work, or would not
 * when it is needed. `unknown`: nobody can tell; that says nothing of whether it works.
 */
export type State = 'ok' | 'warning' | 'problem' | 'unknown';

/** Facts of each kind of finding. Where `why` is absent, all is well. Instants are epoch milliseconds. */
interface Facts {
  /** Subject: the region. */
  readonly credentials: Identity;
  /** Subject: the parameter's name, as it was given. */
  readonly parameter:
    | {
        readonly why?: undefined;
        readonly version: number;
        readonly modifiedAt: number;
        readonly windows: number;
        /** Windows that are active now. */
        readonly active: number;
        readonly next?: NextWindow;
      }
    | { readonly why: 'absent' }
    /** It does not exist, and SSM lets nobody make one of that name. */
    | { readonly why: 'never-made'; readonly message: string }
    | { readonly why: 'malformed'; readonly version: number; readonly message: string };
  /** What may not be meant about its windows. Subject: the parameter. */
  readonly windows: { readonly message: string };
  /** Subject: the table, as of all kinds that follow until `functions`. */
  readonly table:
    | { readonly why?: undefined; readonly status: string }
    | { readonly why: 'absent' }
    | { readonly why: 'not-active'; readonly status: string };
  readonly layout:
    | { readonly why?: undefined }
    /** `message` is the rest of a sentence: `has the key … and no index pending; events need …`. */
    | { readonly why: 'other-layout'; readonly message: string }
    | { readonly why: 'index-not-active'; readonly status: string };
  readonly 'time-to-live': {
    readonly why?: 'off' | 'other-attribute';
    /** The attribute by which items expire. */
    readonly attribute?: string;
    readonly wanted: string;
  };
  readonly 'point-in-time-recovery': { readonly why?: 'off' };
  readonly 'deletion-protection': { readonly why?: 'off' };
  /** Which functions were looked at. Subject: empty. */
  readonly functions: {
    /** `none`: there is none to look at. `not-listed`: Lambda's list could not be read, so there may be others. */
    readonly why?: 'none' | 'not-listed';
    readonly count: number;
    /** Whether they were named; else they are those of table, windows and Lambda's list. */
    readonly named: boolean;
    /** Why Lambda's list could not be read. */
    readonly message?: string;
    /** Globs of windows that nobody could resolve. */
    readonly globs?: readonly string[];
  };
  /** Why nobody knows what Lambda polls for functions. Subject: empty. */
  readonly 'event-source-list': {
    readonly why: 'not-listed';
    /** The action that IAM has to allow. */
    readonly action: string;
    readonly message: string;
  };
  /** Subject: the function's name, as of all kinds that follow. */
  readonly function:
    | { readonly why?: undefined; readonly knownBy: readonly KnownBy[]; readonly timeoutSeconds: number }
    | { readonly why: 'absent' | 'no-name'; readonly knownBy: readonly KnownBy[] };
  readonly protection: ProtectionFacts;
  readonly 'function-state': {
    readonly why?: 'failed' | 'pending' | 'inactive' | 'update-failed';
    /** Absent where Lambda does not say. */
    readonly state?: string;
    readonly message?: string;
  };
  readonly 'time-out': {
    readonly why?: 'too-short' | 'too-long';
    readonly seconds: number;
    readonly limitSeconds: number;
  };
  readonly 'failure-destination': {
    readonly why?: 'none';
    /** ARN. */
    readonly deadLetters?: string;
    /** ARN. */
    readonly onFailure?: string;
  };
  /** What Lambda polls for it. `gives-up`: records of a stream go after so many tries or so long, and nobody hears of it. */
  readonly 'event-sources': {
    readonly why?: 'gives-up';
    readonly sources: readonly PolledSource[];
  };
  readonly 'success-destination': { readonly why: 'hears-of-stored'; readonly onSuccess: string };
  readonly concurrency: { readonly why?: 'zero'; readonly reserved?: number };
  readonly client:
    | {
        readonly why?: 'older' | 'newer' | 'no-version';
        /** Absent where the event has none. */
        readonly version?: string;
        readonly toolVersion: string;
        /** When it stored its newest event. */
        readonly seenAt: number;
      }
    | { readonly why: 'never-seen'; readonly toolVersion: string };
}

/** What Lambda polls for a function. */
export interface PolledSource extends Omit<EventSourceMapping, 'functionName'> {
  /** Records go after so many tries or so long, and nobody hears of it. */
  readonly givesUp?: true;
}

/** Whether a function's settings say that it is under these windows. */
export type ProtectionFacts =
  | {
      readonly why?: undefined;
      readonly parameters: readonly string[];
      readonly table: string;
      readonly ttlSeconds: number;
      /** While the windows could never be read. */
      readonly onError: 'dispatch' | 'defer';
      /** What is set for event sources: by the parameters, and by the function itself, which wins. */
      readonly policy: Policy;
    }
  | ZipFault
  | { readonly why: 'entry-point-of-aws' | 'other-entry-point'; readonly entryPoint: readonly string[] }
  /** The client would not start. */
  | { readonly why: 'bad-settings'; readonly message: string }
  | { readonly why: 'parameter-not-read'; readonly missing: readonly string[]; readonly reads: readonly string[] }
  /** It reads more than is looked at here. */
  | { readonly why: 'more-parameters'; readonly more: readonly string[] }
  | { readonly why: 'other-table'; readonly table: string };

/** What keeps the gate out of a zip function, or may. */
export type ZipFault =
  /** Neither layer nor wrapper: AWS's own runtime runs for certain. */
  | { readonly why: 'zip'; readonly runtime: string; readonly wrapper: string }
  /** There is no client for it, and no proxy. */
  | { readonly why: 'runtime-without-gate'; readonly runtime: string; readonly reason: NoGate }
  /** Nothing starts what its layer holds. */
  | { readonly why: 'no-wrapper'; readonly layer: string; readonly wrapper: string }
  /** Another wrapper, and nobody sees what comes behind it. */
  | { readonly why: 'other-wrapper'; readonly named: string; readonly wrapper: string }
  /** The client's wrapper, where the runtime is none of Node. */
  | { readonly why: 'wrong-wrapper'; readonly runtime: string; readonly named: string; readonly wrapper: string }
  /** A wrapper that no layer brings. */
  | { readonly why: 'no-layer'; readonly named: string }
  | { readonly why: 'other-architecture'; readonly layer: string; readonly architecture: string }
  /** Client and proxy, which refuse each other. */
  | { readonly why: 'two-gates' }
  /** Lambda knows no wrapper there, and nobody sees what its bootstrap starts. */
  | { readonly why: 'bootstrap-unseen'; readonly runtime: string; readonly wrapper: string };

/** How a function came to be looked at. `glob`: a window's glob matches its name. */
export type KnownBy = 'named' | 'table' | 'window' | 'glob' | 'environment';

/** A window that begins next. */
export interface NextWindow {
  readonly id: string;
  readonly startAt: number;
  readonly endAt?: number;
  /** Absent: every function. */
  readonly functions?: readonly string[];
  readonly reason?: string;
}

export type FindingKind = keyof Facts;

/** Facts of one kind. */
export type FactsOf<Kind extends FindingKind> = Facts[Kind];

/** A thing that was looked at, and how it stands. */
export type Finding = {
  [Kind in FindingKind]:
    | {
        readonly kind: Kind;
        readonly subject: string;
        readonly state: State;
        readonly data: Facts[Kind];
        readonly unseen?: undefined;
      }
    | { readonly kind: Kind; readonly subject: string; readonly state: 'unknown'; readonly unseen: Unseen };
}[FindingKind];

/** A finding of one kind. */
export function found<Kind extends FindingKind>(kind: Kind, subject: string, state: State, data: Facts[Kind]): Finding {
  return { kind, subject, state, data } as Finding;
}

/** That something could not be looked at. */
export function notSeen(kind: FindingKind, subject: string, unseen: Unseen): Finding {
  return { kind, subject, state: 'unknown', unseen } as Finding;
}
