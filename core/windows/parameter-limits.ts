/** What a parameter of SSM's standard tier holds, in bytes. https://docs.aws.amazon.com/general/latest/gr/ssm.html */
export const STANDARD_TIER_BYTES = 4_096;
/** What a parameter of the advanced tier holds, which costs a little each month and cannot be undone. */
export const ADVANCED_TIER_BYTES = 8_192;
