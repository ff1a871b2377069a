/** Size limit of SSM's standard tier, in bytes. https://docs.aws.amazon.com/general/latest/gr/ssm.html */
export const STANDARD_TIER_BYTES = 4_096;
/** Size limit of SSM's advanced tier, which costs a little each month and cannot be undone. Bytes. */
export const ADVANCED_TIER_BYTES = 8_192;
/** As many window parameters as a function may have: SSM's `GetParameters` reads ten at once. */
export const MAX_PARAMETERS = 10;
