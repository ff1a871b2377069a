import { factsOf, isWithoutCredentials, signatureFaultOf } from '../../aws/request/aws-codes.ts';
import { type FaultCode, MaintenanceWindowError } from '../../core/errors.ts';
import { type Remedy, remarkOf } from '../access/remedy.ts';

/** Why something could not be looked at. */
export interface Unseen {
  /** `not-offered`: a stand-in of AWS's that does not know the request. */
  readonly why: 'denied' | 'no-answer' | 'throttled' | 'refused' | 'not-offered';
  /** The action that IAM has to allow. */
  readonly action: string;
  /** One line. */
  readonly message: string;
  readonly remedy?: Remedy;
}

/** What a look came to. */
export type Looked<Value> =
  | { readonly value: Value; readonly unseen?: undefined }
  | { readonly unseen: Unseen; readonly value?: undefined };

const WHY: Partial<Readonly<Record<FaultCode, Unseen['why']>>> = {
  'MaintenanceWindow.Denied': 'denied',
  'MaintenanceWindow.Unreachable': 'no-answer',
  'MaintenanceWindow.Conflict': 'throttled',
  'MaintenanceWindow.Refused': 'refused',
  'MaintenanceWindow.NotFound': 'refused',
};

/**
 * Looks at something. That it is denied, or not answered, is an outcome, so that other looks go on.
 *
 * @throws what would fail every look: no region, an endpoint that is none, credentials that are missing or not accepted
 */
export async function looked<Value>(action: string, look: () => Promise<Value>): Promise<Looked<Value>> {
  try {
    return { value: await look() };
  } catch (error) {
    if (!(error instanceof MaintenanceWindowError)) throw error;
    const why = whyUnseen(error);
    if (why === undefined) throw error;
    const { text: message, ...remedied } = remarkOf(error);
    return { unseen: { why, action, message, ...remedied } };
  }
}

function whyUnseen({ name, cause }: MaintenanceWindowError): Unseen['why'] | undefined {
  const code = factsOf(cause).name;
  if (signatureFaultOf(code) !== undefined || isWithoutCredentials(code)) return undefined;
  return code.startsWith('UnknownOperation') ? 'not-offered' : WHY[name];
}
