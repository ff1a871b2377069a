import { type DynamoDb, TO_DYNAMODB } from '../aws/dynamodb/dynamodb.ts';
import { type Environment, plainAccess } from '../aws/request/plain-access.ts';
import { createSignedRequests } from '../aws/request/signed-request.ts';
import { followWindows, type SharedWindows, shareLog, shareWindows } from '../aws/windows/shared-windows.ts';
import type { WindowKeeper } from '../aws/windows/window-keeper.ts';
import { createSsmWindowSource } from '../aws/windows/window-source.ts';
import type { Gate } from '../core/gate/gate.ts';
import { type GateBehindParts, gateBehind } from './gate-behind.ts';

/** The function that is protected, and the process that it lives in. */
export interface Protected extends GateBehindParts {
  /** Source of credentials, region and endpoints. */
  readonly environment: Environment;
}

/** Reader of the windows whose first read has begun. */
interface Reading {
  /** Resolves once the first request goes out without this thread, or will not. Never rejects. */
  readonly written: Promise<void>;
}

/** Puts the gate together with its adapters. Begins the first read of the parameters at once. */
export function composeGate(parts: Protected): Reading & { readonly gate: Gate } {
  const windows = readWindows(parts);
  return { gate: gateBehind(windows, dynamoDbOpener(parts.environment), parts), written: windows.written };
}

/** Reader for a process with gates in several threads. Begins the first read at once. */
export function composeReader(parts: Protected, shared: SharedWindows): Reading {
  const windows = readWindows(parts);
  shareWindows(shared, windows).catch((error) => parts.log.write({ kind: 'fault', cause: String(error) }));
  return windows;
}

/** Gate of one of several threads; follows the {@link composeReader} through this memory. */
export function composeFollower(parts: Protected, shared: SharedWindows): Gate {
  const windows = followWindows(shared, { ...parts, functionName: parts.identity.name });
  return gateBehind(windows, dynamoDbOpener(parts.environment), { ...parts, log: shareLog(shared, parts.log) });
}

function readWindows({ identity, ...parts }: Protected): WindowKeeper {
  return createSsmWindowSource({ ...parts, functionName: identity.name });
}

/**
 * Signs requests itself when keys are in the environment, with sockets taken before a handler can wrap them; otherwise
 * loads the SDK.
 */
function dynamoDbOpener(environment: Environment): () => Promise<DynamoDb> {
  const access = plainAccess('dynamodb', environment);
  if (!access)
    return () => import('../aws/dynamodb/dynamodb-sdk.ts').then(({ createSdkDynamoDb }) => createSdkDynamoDb());
  const requests = createSignedRequests(access.endpoint, 'dynamodb', TO_DYNAMODB);
  return async () => {
    const { createSignedDynamoDb } = await import('../aws/dynamodb/dynamodb-signed.ts');
    return createSignedDynamoDb(requests, { credentials: () => access.credentials });
  };
}
