import { type Endpoint, endpointOf, type Service } from './endpoint.ts';
import type { Credentials } from './signed-request.ts';

/** Source of region, credentials and endpoints, by the SDK's own names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All that a request is sent and signed with. */
export interface PlainAccess {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

/**
 * Endpoint and keys if the environment has both, as in Lambda; undefined if the SDK has to find them. With a profile it
 * does: the SDK ignores the environment's keys then.
 */
export function plainAccess(service: Service, environment: Environment): PlainAccess | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  const profile = environment['AWS_PROFILE'] || environment['AWS_CONFIG_FILE'];
  const endpoint = endpointOf(service, environment);
  if (!endpoint || !accessKeyId || !secretAccessKey || profile) return undefined;
  return { endpoint, credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}
