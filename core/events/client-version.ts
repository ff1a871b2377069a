/** A semantic version of at most 92 characters, all of them printable. Source: https://semver.org, version 2.0.0. */
const SEMANTIC_VERSION = /^\d{1,8}\.\d{1,8}\.\d{1,8}(?:-[0-9A-Za-z.-]{1,32})?(?:\+[0-9A-Za-z.-]{1,32})?$/;

/**
 * Version of the client that stored an event, out of its attribute. Undefined where it is missing, as older clients wrote
 * none, or is no semantic version, as a function may write what it likes into its own items. Neither is a damage: no
 * replay depends on it.
 */
export function clientVersionIn(text: string | undefined): string | undefined {
  return text !== undefined && SEMANTIC_VERSION.test(text) ? text : undefined;
}
