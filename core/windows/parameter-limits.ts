/** Size limit of SSM's standard tier, in bytes. https://docs.aws.amazon.com/general/latest/gr/ssm.html */
export const STANDARD_TIER_BYTES = 4_096;
/** Size limit of SSM's advanced tier, which costs a little each month and cannot be undone. Bytes. */
export const ADVANCED_TIER_BYTES = 8_192;
/** As many window parameters as a function may have: SSM's `GetParameters` reads ten at once. */
export const MAX_PARAMETERS = 10;

/** Source: AWS Systems Manager API reference, "PutParameter", Name; the constraints on names that follow from there, too. */
const MAX_LEVELS = 15;
const MAX_NAME_CHARACTERS = 1_011;

/**
 * Fault of a name that SSM lets nobody make: the tool makes the parameter at night, when it is needed first. Undefined
 * for a good name, and for an ARN, whose parameter is there already.
 */
export function whyNeverMade(name: string): string | undefined {
  if (name.startsWith('arn:')) return undefined;
  const levels = name.replace(/^\//, '').split('/');
  if (/^\/?(?:aws|ssm)$/i.test(name) || /^(?:aws|ssm)|^\/(?:aws|ssm)\//i.test(name)) {
    return 'begins with aws or ssm, which SSM keeps to itself';
  }
  if (levels.length > 1 && !name.startsWith('/')) return 'has levels and does not begin with "/"';
  if (levels.includes('')) return 'has a level without a name';
  if (levels.length > MAX_LEVELS) return `has ${levels.length} levels, and SSM takes ${MAX_LEVELS}`;
  return name.length > MAX_NAME_CHARACTERS
    ? `has ${name.length} characters, and SSM takes ${MAX_NAME_CHARACTERS}`
    : undefined;
}
