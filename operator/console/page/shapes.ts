/** The tool's JSON, as far as the page shows it. Instants are ISO 8601 in UTC. */

export interface WaitingJson {
  readonly events: number;
  readonly pending: number;
  readonly failed: number;
  readonly unknown: number;
  readonly replaying: number;
  readonly oldestAt?: string;
  /** Counted in part. */
  readonly atLeast?: true;
}

export interface MaintenanceJson {
  /** Absent: every function. */
  readonly functions?: readonly string[];
  readonly since: string;
  /** Absent: no end is in sight. */
  readonly until?: string;
  readonly reason?: string;
  /** Absent: it ends before it is quiet. */
  readonly quietFrom?: string;
  readonly quietBecause: string;
}

export interface WindowJson {
  readonly id: string;
  readonly parameter: string;
  readonly start?: string;
  readonly end?: string;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly duration?: string;
  readonly from?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly functions?: readonly string[];
  /** How its events are replayed: `manual`, or the settings of a replay by itself. */
  readonly replay?: unknown;
  readonly active?: boolean;
  readonly next?: string;
}

/** A window of the list. */
export interface ListedJson extends WindowJson {
  /** Of its parameter. */
  readonly version: number;
}

export interface NextJson {
  readonly id: string;
  readonly parameter: string;
  readonly start: string;
  /** Absent: no end is in sight. */
  readonly end?: string;
  readonly functions?: readonly string[];
  readonly reason?: string;
  readonly note?: string;
}

/** One time that a window was active, is, or will be. */
export interface TimeJson extends NextJson {
  readonly state: 'past' | 'active' | 'coming';
  readonly recurs: boolean;
}

/** Times that overlap or touch, of windows that name the same functions. */
export interface UnitedJson {
  readonly functions?: readonly string[];
  readonly start: string;
  readonly end?: string;
  readonly ids: readonly string[];
}

export interface TimesJson {
  readonly from: string;
  readonly until: string;
  readonly knownFrom?: string;
  readonly times: readonly TimeJson[];
  readonly maintenance: readonly UnitedJson[];
}

/** A version of a parameter, and what it changed. */
export interface ChangeJson {
  readonly parameter: string;
  readonly version: number;
  readonly at: string;
  readonly by?: string;
  readonly reason?: string;
  readonly removed?: readonly string[];
  readonly added?: readonly string[];
  readonly changes?: readonly { readonly kind: string; readonly id?: string }[];
}

export interface StatusJson {
  readonly at: string;
  readonly active: boolean;
  readonly maintenance: readonly MaintenanceJson[];
  readonly windows: readonly WindowJson[];
  readonly next?: NextJson;
  readonly waiting?: WaitingJson;
  readonly functions?: readonly {
    readonly name: string;
    readonly lastDeferredAt?: string;
    readonly waiting: Omit<WaitingJson, 'events'>;
    readonly clientVersion?: string;
  }[];
  readonly functionsUnknown?: string;
  readonly toolVersion: string;
}

/** What functions counted in the last hour. */
export interface MetricsJson {
  readonly functions: readonly {
    readonly name: string;
    readonly deferred: number;
    readonly rejected: number;
    readonly deferralFailed: number;
    readonly windowReadFailed: number;
    readonly deferredPerMinute: readonly number[];
    readonly rejectedPerMinute: readonly number[];
  }[];
  readonly partBecause?: string;
}

export interface EventJson {
  readonly id: string;
  readonly function: string;
  readonly source: string;
  readonly status: string;
  readonly deferredAt: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly lastError?: string;
  readonly leaseUntil?: string;
  readonly orderKeys?: readonly string[];
  readonly damaged?: string;
}

/** An event with all that is known of it; of a damaged one, what is certain. */
export interface WholeEventJson extends Partial<Omit<EventJson, 'id' | 'function' | 'status' | 'orderKeys'>> {
  readonly id: string;
  readonly function: string;
  readonly status: string;
  readonly orderKeys?: readonly { readonly key: string; readonly sequence?: string }[];
  readonly windowStart?: string;
  readonly windowEnd?: string;
  readonly windowReason?: string;
  readonly leaseBy?: string;
  readonly doneBy?: string;
  readonly doneAt?: string;
  readonly expiresAt?: string;
  readonly history?: readonly AttemptJson[];
}

/** What became of an event at one moment: of an attempt, or by somebody's word. */
export interface AttemptJson {
  readonly at: string;
  readonly by: string;
  readonly outcome: string;
  /** Of an attempt. */
  readonly tookMs?: number;
  readonly error?: string;
  readonly reason?: string;
  /** Of a copy: the function that it was sent to. */
  readonly to?: string;
}

/** What waits. */
export interface BacklogJson {
  readonly at: string;
  readonly events: number;
  readonly bytes: number;
  readonly groups: readonly BacklogGroupJson[];
  /** Counted in part. */
  readonly atLeast?: true;
  readonly course?: CourseJson;
}

export interface BacklogGroupJson {
  readonly function: string;
  readonly source: string;
  readonly status: string;
  readonly events: number;
  readonly bytes: number;
  readonly oldestAt: string;
}

/** How it came about: a number for each period. */
export interface CourseJson {
  readonly from: string;
  readonly until: string;
  readonly periodSeconds: number;
  readonly measured?: readonly { readonly function: string; readonly events: readonly (number | null)[] }[];
  readonly measuredUnknown?: string;
  readonly deferred: readonly {
    readonly function: string;
    readonly source: string;
    readonly events: readonly number[];
  }[];
}

export interface RunJson {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly reason?: string;
  readonly by: string;
  readonly from: string;
  readonly functions: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly ratePerSecond?: number;
  readonly concurrency: number;
  readonly waiting?: {
    readonly why: string;
    readonly function?: string;
    readonly since?: string;
    readonly until?: string;
  };
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly heartbeatAt: string;
  readonly why?: string;
}

/** All that is known of a replay. */
export interface WholeRunJson extends RunJson {
  readonly events: {
    readonly functions: readonly string[];
    readonly sources?: readonly string[];
    /** Events that were named one by one. */
    readonly ids?: readonly string[];
    readonly window?: string;
    readonly error?: string;
    readonly errorIs?: string;
    readonly grep?: string;
    readonly from?: string;
    readonly until?: string;
    /** Deferred under windows that began then or later. */
    readonly underFrom?: string;
  };
  /** What waits beside it for somebody. */
  readonly left?: { readonly events: number; readonly isMore?: boolean };
  readonly plan: {
    readonly mode: 'request' | 'event';
    readonly limit?: number;
    readonly canary?: number;
    readonly ordered: boolean;
    readonly qualifier?: string;
    /** Copies are sent there. */
    readonly to?: string;
    readonly stopAfter:
      | { readonly kind: 'count'; readonly failures: number }
      | { readonly kind: 'share'; readonly percent: number };
  };
  readonly shareCount: number;
  readonly shares: readonly ShareJson[];
  /** Of a drain's. */
  readonly execution?: string;
}

/** Part of a replay that one process at a time does. */
export interface ShareJson {
  readonly number: number;
  readonly function?: string;
  readonly state: string;
  readonly counts: RunJson['counts'];
  readonly waiting?: RunJson['waiting'];
  readonly why?: string;
}

export interface FailureJson {
  readonly function: string;
  /** Absent where none was kept. */
  readonly error?: string;
  readonly events: number;
  readonly first: string;
  readonly last: string;
  readonly sample: { readonly id: string; readonly error?: string };
}

export interface FindingJson {
  /** `parameter`, `table`, `client`, … */
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  readonly message: string;
  readonly remedy?: string;
  /** Of each kind its own. */
  readonly data: object;
}

/** The data of a `protection` that is well. */
export interface ProtectionJson {
  readonly parameters: readonly string[];
  readonly table: string;
  readonly ttlSeconds: number;
  readonly onError: string;
  readonly policy: Readonly<Record<string, unknown>>;
}
