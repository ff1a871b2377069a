/**
 * The closed table of what can go wrong.
 *
 * `code` is what a caller sees as Lambda's `errorType`, so it may be matched in a state machine's `ErrorEquals`.
 * `exitCode` is what a command of ours ends with when the fault ends it; 0 stands where it never does.
 */
export const FAULTS = {
  'MaintenanceWindow.Active': {
    when: 'The function is under maintenance and this invocation is not handled now.',
    effect: 'The caller gets this error. Its message says whether the event is stored.',
    exitCode: 0,
  },
  'MaintenanceWindow.DeferralFailed': {
    when: 'The event could not be stored before the invocation’s deadline.',
    effect: 'The caller gets this error, so that the event source keeps the event and sends it again.',
    exitCode: 0,
  },
  'MaintenanceWindow.Fault': {
    when: 'Our own code failed in a way it does not foresee.',
    effect: 'Inside a window the caller gets this error; the runtime goes on with the next invocation.',
    exitCode: 70,
  },
  'MaintenanceWindow.Config': {
    when: 'A configuration value is not allowed.',
    effect: 'The function does not start: Lambda reports the message as an init error.',
    exitCode: 78,
  },
  'MaintenanceWindow.PatchAnchor': {
    when: 'The upstream client is not the version, or not the content, that the patch was made for.',
    effect: 'The build stops before it writes anything.',
    exitCode: 65,
  },
  'MaintenanceWindow.Missing': {
    when: 'Something that a command needs is not on this machine: a compiler, the emulator, a handler, a free port.',
    effect: 'The command ends before it starts anything.',
    exitCode: 69,
  },
  'MaintenanceWindow.Usage': {
    when: 'A command was called with words that it does not know.',
    effect: 'The command ends before it does anything.',
    exitCode: 64,
  },
  'MaintenanceWindow.Malformed': {
    when: 'A window parameter or a file holds something else than windows, or more than fits; or a file is no UTF-8.',
    effect: 'The command changes nothing.',
    exitCode: 65,
  },
  'MaintenanceWindow.NotFound': {
    when: 'A parameter, window, table, event, function or file that a command names does not exist.',
    effect: 'The command changes nothing.',
    exitCode: 66,
  },
  'MaintenanceWindow.Unreachable': {
    when: 'AWS does not answer, or answers that it is in trouble.',
    effect: 'The command ends where it is, and says how far it came.',
    exitCode: 69,
  },
  'MaintenanceWindow.Conflict': {
    when: 'Somebody else changed the same thing meanwhile, or AWS asks for patience.',
    effect: 'The command says what it restored. Look, and run it again.',
    exitCode: 75,
  },
  'MaintenanceWindow.Refused': {
    when: 'AWS refuses a request, for a reason that is none of the others.',
    effect: 'The command ends where it is, and says how far it came.',
    exitCode: 76,
  },
  'MaintenanceWindow.Denied': {
    when: 'Credentials are missing, expired or not known, or they do not allow what a command needs.',
    effect: 'The command ends where it is, and says how far it came.',
    exitCode: 77,
  },
} as const;

/** One of the codes of {@link FAULTS}. */
export type FaultCode = keyof typeof FAULTS;

/** A fault of the table. Its `name` is its code, because Lambda reports an error's `name` as `errorType`. */
export class MaintenanceWindowError extends Error {
  override readonly name: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = code;
  }
}
