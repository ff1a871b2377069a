/** What a command writes as JSON. */
export interface JsonShape {
  /** The option that makes it this, as it is typed; absent: all else. */
  readonly when?: string;
  /** Field whose list holds the rows; absent where the command writes one object, or lines. */
  readonly rows?: string;
  /** Of a row, of the object, or of a line. */
  readonly fields: readonly string[];
  /** Lines of several kinds: no line has all fields. */
  readonly isMixed?: true;
}

const WINDOW = ['start', 'end', 'schedule', 'timezone', 'duration', 'from', 'until', 'reason', 'functions', 'replay'];
const WRITTEN = ['written', 'parameter', 'version'];
const DIFFERENCE = ['removed', 'added'];
/** Of an edit that was not written. */
const OUTLOOK = ['covers', 'coversUnknown', 'meets'];
const WAITING = ['waiting', 'functions', 'functionsUnknown'];
const COUNTS = ['events', 'bytes', 'groups'];
const CONTEXT = ['name', 'current', 'profile', 'region', 'parameter', 'table', 'endpointUrl', 'production'];
const EVENT = [
  ...['id', 'function', 'source', 'status', 'deferredAt', 'bytes', 'attempts', 'lastError', 'result', 'damaged'],
  ...['windowStart', 'windowEnd', 'windowReason', 'functionVersion', 'invokedFunctionArn', 'clientVersion'],
  ...['timeoutMs', 'orderKeys', 'clientContext', 'cognitoIdentity', 'traceId', 'tenantId', 'sha256'],
  ...['leaseBy', 'leaseUntil', 'doneBy', 'doneAt', 'expiresAt', 'statusBefore', 'timesAgain', 'history'],
];

const RUN = [
  ...['id', 'name', 'status', 'reason', 'by', 'from', 'functions', 'counts', 'ratePerSecond', 'concurrency'],
  ...['waiting', 'startedAt', 'endedAt', 'heartbeatAt', 'why'],
];
const RUNS_CHANGED = ['changed', 'left'];

/**
 * The JSON of each command that has some, by the command's words: of several shapes the first one whose option was said. It is
 * known before a command begins, so that one that changes something refuses a field that there is not. The runs of all system
 * tests with `-o json` are held to it (`test/worlds/cli.ts`).
 */
const SHAPES: Readonly<Record<string, readonly JsonShape[]>> = {
  status: [{ fields: ['at', 'active', 'maintenance', 'windows', 'next', ...WAITING, 'toolVersion'] }],
  next: [
    { when: '--ics', fields: [] },
    { rows: 'next', fields: ['id', 'parameter', 'start', 'end', 'functions', 'reason', 'replay', 'note'] },
  ],
  begin: [{ fields: [...WRITTEN, 'window', 'quietFrom', 'quietBecause', 'isQuiet', ...OUTLOOK, ...DIFFERENCE] }],
  extend: [{ fields: [...WRITTEN, 'window', 'occurrenceId', 'end', 'wasEnd', ...OUTLOOK, ...DIFFERENCE] }],
  end: [
    {
      fields: [
        ...WRITTEN,
        'ended',
        'endedBefore',
        'reason',
        'seenBy',
        'stillActive',
        ...WAITING,
        ...OUTLOOK,
        ...DIFFERENCE,
      ],
    },
  ],
  'schedule add': [{ fields: [...WRITTEN, 'window', 'next', ...OUTLOOK, ...DIFFERENCE] }],
  'schedule edit': [{ fields: [...WRITTEN, 'window', 'before', 'occurrenceId', 'next', ...OUTLOOK, ...DIFFERENCE] }],
  'schedule list': [{ rows: 'windows', fields: ['id', 'parameter', 'version', ...WINDOW, 'active', 'next'] }],
  'schedule times': [
    {
      rows: 'times',
      fields: ['id', 'parameter', 'start', 'end', 'functions', 'reason', 'note', 'state', 'recurs'],
    },
  ],
  'schedule remove': [{ fields: [...WRITTEN, 'windows', ...OUTLOOK, ...DIFFERENCE] }],
  check: [{ fields: ['form', 'canonical', 'bytes', 'windows', 'next', 'warnings', 'event'] }],
  history: [
    {
      rows: 'changes',
      fields: ['parameter', 'version', 'at', 'by', 'reason', 'changes', ...DIFFERENCE, 'malformed', 'text'],
    },
  ],
  report: [
    {
      fields: [
        ...['at', 'window', 'history', 'historyUnknown', 'events', 'functions', 'longestWait', 'operators'],
        ...['rejected', 'notStored', 'atLeastBecause', 'rejectedUnknown', 'expiredBefore'],
      ],
    },
  ],
  audit: [
    {
      rows: 'entries',
      fields: [
        ...['at', 'kind', 'by', 'reason', 'parameter', 'version', 'changes', 'replay', 'name', 'status'],
        ...['events', 'functions', 'ids', 'replays'],
      ],
    },
  ],
  console: [{ fields: ['url'] }],
  'events list': [
    { when: '--count', fields: COUNTS },
    {
      rows: 'events',
      fields: [
        ...['id', 'function', 'source', 'status', 'deferredAt', 'bytes', 'attempts', 'lastError'],
        ...['clientVersion', 'leaseUntil', 'orderKeys', 'damaged'],
      ],
    },
  ],
  'events backlog': [{ fields: ['at', ...COUNTS, 'atLeast', 'course'] }],
  'events show': [{ when: '--body', fields: [] }, { fields: EVENT }],
  'events failures': [{ rows: 'groups', fields: ['function', 'error', 'events', 'first', 'last', 'sample'] }],
  'events discard': [
    { when: '--dry-run', fields: ['dryRun', ...COUNTS, 'first', 'until', 'fingerprint', 'already'] },
    { fields: ['discarded', 'left', 'already'] },
  ],
  'events restore': [{ fields: ['restored', 'left'] }],
  'events export': [{ fields: [...EVENT, 'text'] }],
  'events sweep': [{ fields: ['deleted', 'strays', 'complete'] }],
  replay: [
    { when: '--detach', fields: ['id'] },
    {
      when: '--dry-run',
      fields: [
        ...['dryRun', ...COUNTS, 'discarded', 'refused', 'held', 'damaged', 'leased'],
        ...['oldestAt', 'newestAt', 'first', 'until', 'ratePerSecond', 'takesAtLeastMs', 'waits', 'passedOver'],
      ],
    },
    {
      isMixed: true,
      fields: [
        ...['id', 'function', 'source', 'deferredAt', 'outcome', 'attempt', 'mayHaveRunBefore', 'error', 'damaged'],
        ...['rest', 'warning', 'tookMs', 'to', 'canary', 'waiting', 'stopped', 'summary'],
      ],
    },
  ],
  'replays list': [{ rows: 'replays', fields: RUN }],
  'replays show': [{ fields: [...RUN, 'events', 'left', 'plan', 'wanted', 'shareCount', 'shares', 'execution'] }],
  'replays pause': [{ fields: RUNS_CHANGED }],
  'replays resume': [{ fields: RUNS_CHANGED }],
  'replays cancel': [{ fields: RUNS_CHANGED }],
  'replays set': [{ fields: RUNS_CHANGED }],
  'replays watch': [{ fields: RUN }],
  invoke: [{ fields: ['function', 'failed', 'answer'] }],
  setup: [
    { when: '--print', fields: [] },
    { rows: 'steps', fields: ['what', 'name', 'outcome', 'why'] },
  ],
  doctor: [{ rows: 'findings', fields: ['kind', 'subject', 'state', 'data', 'message', 'remedy'] }],
  metrics: [
    {
      rows: 'functions',
      fields: [
        ...['name', 'deferred', 'rejected', 'deferralFailed', 'windowReadFailed'],
        ...['deferredPerMinute', 'rejectedPerMinute'],
      ],
    },
  ],
  'context add': [{ fields: ['added'] }],
  'context use': [{ fields: ['current'] }],
  'context list': [{ rows: 'contexts', fields: CONTEXT }],
  'context show': [{ fields: CONTEXT }],
  'context remove': [{ fields: ['removed'] }],
  whoami: [
    {
      fields: [
        ...['account', 'alias', 'arn', 'region', 'profile', 'context', 'production', 'endpoint'],
        ...['parameters', 'table'],
      ],
    },
  ],
  config: [{ rows: 'settings', fields: ['option', 'value', 'from'] }],
};

/** The words of every command that writes JSON. */
export const JSON_COMMANDS = Object.keys(SHAPES);

/** The shapes of a command, by its words; empty where it writes no JSON. */
export function shapesOf(path: string): readonly JsonShape[] {
  return SHAPES[path] ?? [];
}

/**
 * The shape that a command writes with these options. Without fields it writes no JSON.
 *
 * @param isSaid whether an option was, as it is typed
 */
export function shapeOf(path: string, isSaid: (option: string) => boolean): JsonShape {
  return shapesOf(path).find(({ when }) => when === undefined || isSaid(when)) ?? { fields: [] };
}
