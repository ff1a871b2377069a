import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';

/**
 * What somebody can do about a fault: a kind and its facts, and no sentence. Each face of the operator has controls of its
 * own (options of a command, fields of a page) and names them in its own words.
 */
export type Remedy =
  /** Set a region, or correct the one that is set. `profile`: the one in use, which may lack a region. */
  | { readonly kind: 'region'; readonly profile?: string }
  /** Correct the endpoint in AWS's configuration, or give another one. */
  | { readonly kind: 'endpoint' }
  /** Log in again. */
  | { readonly kind: 'log-in'; readonly profile?: string }
  /** Name one of the profiles that there are, or make this one. `known`: some of them. */
  | { readonly kind: 'absent-profile'; readonly profile: string; readonly known: readonly string[] }
  /** Give credentials: there are none. */
  | { readonly kind: 'credentials'; readonly profile?: string }
  /** Give other credentials: AWS does not know these. */
  | { readonly kind: 'other-credentials' }
  /** Have the action allowed (`ssm:PutParameter`), or use credentials that may do it. */
  | { readonly kind: 'permission'; readonly action: string }
  /** Look into another account or region. */
  | { readonly kind: 'account-and-region' }
  /** See to the network, and to where the requests go. */
  | { readonly kind: 'network' }
  /** Name another parameter, look elsewhere, or make this one by a first window. */
  | { readonly kind: 'absent-parameter'; readonly parameter: string }
  /** Name another parameter, if this one is not meant. */
  | { readonly kind: 'other-parameter' }
  /** Name another table, or look elsewhere. */
  | { readonly kind: 'absent-table' }
  /** Deploy a drain beside the monitor, which tells of it, or name its state machine. */
  | { readonly kind: 'absent-drain' }
  /** Name another table: this one is somebody else's. */
  | { readonly kind: 'taken-table' }
  /** Give a name in place of an ARN, with the account and the region where it is to be. */
  | { readonly kind: 'name-for-arn' }
  /** Edit another parameter, or use the credentials of the account that has this one. */
  | { readonly kind: 'owner-account' }
  /** Name the parameter among those that are read: it is to be edited and is none of `named`. */
  | { readonly kind: 'name-parameter'; readonly parameter: string; readonly named: readonly string[] }
  /** Mend the parameter's text, or restore an older version. */
  | { readonly kind: 'mend-parameter' }
  /** Restore a version by hand. */
  | { readonly kind: 'restore-by-hand' }
  /** Look at the parameter's history, then try again. `isWritten`: whether the edit was in force for a moment. */
  | { readonly kind: 'look-first'; readonly isWritten: boolean }
  /** Take windows out, or use a second parameter. */
  | { readonly kind: 'fewer-windows' }
  /** Look the id up where windows are shown; of its digits so many are needed at least. */
  | { readonly kind: 'window-id'; readonly leastDigits: number }
  /** Look the window up in the list of windows. */
  | { readonly kind: 'absent-window' }
  /** Look the window up in the history of its parameter: it may have ended. */
  | { readonly kind: 'past-window' }
  /** Take the window out, as it cannot be ended. */
  | { readonly kind: 'remove-window'; readonly id: string }
  /** Say which one of these windows is to last longer: by so many milliseconds, or until an instant in epoch milliseconds. */
  | {
      readonly kind: 'name-window';
      readonly ids: readonly string[];
      readonly end: { readonly byMs: number } | { readonly at: number };
    }
  /** End the window now, if it is to end earlier. */
  | { readonly kind: 'end-window'; readonly id: string }
  /** Begin another window. */
  | { readonly kind: 'begin-anew' }
  /** Look the event up in the list of events. */
  | { readonly kind: 'absent-event' }
  /** Read this page of the documentation: its file name. */
  | { readonly kind: 'read-page'; readonly page: string }
  /** Print one template for some functions and another one for the others. */
  | { readonly kind: 'fewer-functions'; readonly policy: string; readonly characters: number; readonly most: number };

/** A fault, and what can be done about it. Its message names no control of a face. */
export class OperatorFault extends MaintenanceWindowError {
  readonly remedy: Remedy;

  constructor(code: FaultCode, message: string, remedy: Remedy, options?: ErrorOptions) {
    super(code, message, options);
    this.remedy = remedy;
  }
}

/** The action that IAM would have to allow for what ended by this; undefined where that is not the reason. */
export function missingAction(fault: unknown): string | undefined {
  return fault instanceof OperatorFault && fault.remedy.kind === 'permission' ? fault.remedy.action : undefined;
}

/** Something to be told: one line, in three parts. */
export interface Remark {
  readonly text: string;
  /** What can be done about it, told behind the text. */
  readonly remedy?: Remedy;
  /** What it means for the work in progress, told last. */
  readonly effect?: string;
}

/** The remark of a fault. */
export function remarkOf(fault: MaintenanceWindowError): Remark {
  return { text: fault.message, ...(fault instanceof OperatorFault && { remedy: fault.remedy }) };
}
