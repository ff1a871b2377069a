import { connectionFaultOf, factsOf, isAbsent, isDenied, isOfSignature, isThrottled } from '../request/aws-codes.ts';
import { TimeUpError } from '../time/until-deadline.ts';
import type { Item } from './dynamodb.ts';

/** Codes that a retry may get over, by the service's model. */
const CONFLICT = 'ReplicatedWriteConflictException';
/** Enough of the service's own words to find the reason by. */
const QUOTED_CHARACTERS = 300;

/**
 * Whether a fault of a request to DynamoDB may be gone at the next attempt: throttling, 5xx, a broken connection, an
 * answer that cannot be read. Everything else that DynamoDB says (4xx) stays as it is.
 * Source: Amazon DynamoDB developer guide, "Error handling with DynamoDB".
 */
export function mayPass(fault: unknown): boolean {
  const { name, code, status, isSkewed } = factsOf(fault);
  // A connection that breaks in the middle of an answer has a status already, and it says nothing.
  if (connectionFaultOf(code || name) === 'broken') return true;
  if (isThrottled(name, status) || name === CONFLICT || isSkewed) return true;
  return status !== undefined && (status >= 500 || status < 400);
}

/** Whether DynamoDB does not take the request as it is: its expression does not suit the item, or the item would be too large. */
export function isNotValid(fault: unknown): boolean {
  return factsOf(fault).name === 'ValidationException';
}

/** Failure of a conditional write; undefined for any other fault. The service may send the item that is there. */
export function conditionFailure(fault: unknown): { readonly item?: Item } | undefined {
  const { name, Item: item } = (fault ?? {}) as { readonly name?: unknown; readonly Item?: Item };
  if (name !== 'ConditionalCheckFailedException') return undefined;
  return item ? { item } : {};
}

/** Why a request to the table came to nothing: names the table, the code and the remedy. No byte of an event. */
export function causeOf(fault: unknown, table: string): string {
  if (fault instanceof TimeUpError && fault.cause === undefined) return silent(table, 'no answer in time');
  const known = fault instanceof TimeUpError ? fault.cause : fault;
  const { name, code, status, message: told } = factsOf(known);
  const message = told.slice(0, QUOTED_CHARACTERS);
  if (known instanceof TimeUpError) return silent(table, message);
  if (connectionFaultOf(code || name)) return silent(table, code || name);
  if (isAbsent(name)) {
    return `the table ${table} does not exist in this account and region (${name}): create it, or name the right one in MAINTENANCE_WINDOW_TABLE`;
  }
  if (isOfSignature(name)) {
    return `the table ${table} does not accept the request's signature (${name}: ${message}): see that the keys in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) are those that Lambda puts there, and that the clock is right`;
  }
  if (isDenied(name)) {
    return `the table ${table} may not be used (${name}: ${message}): allow the function's role dynamodb:PutItem, dynamodb:GetItem and dynamodb:UpdateItem on it`;
  }
  if (isThrottled(name, status)) {
    return `the table ${table} throttled every attempt (${name}: ${message}): raise its capacity or its warm throughput, or give a function whose time-out is below 10 s more time`;
  }
  if (status === undefined) {
    return `the table ${table} could not be asked (${name}: ${message}): see that the function has its region and its credentials`;
  }
  if (status >= 500) {
    return `the table ${table} failed at every attempt (${status} ${name}): DynamoDB is in trouble; see its health dashboard`;
  }
  return `the table ${table} refused the request (${name}: ${message}): compare its key and its index with what they should be`;
}

function silent(table: string, what: string): string {
  return `the table ${table} could not be reached (${what}): check the way to DynamoDB (from a VPC it takes a gateway endpoint), or give a function whose time-out is below 10 s more time`;
}
