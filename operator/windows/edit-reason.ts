/** SSM takes no longer description. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const MAX_DESCRIPTION = 1_024;
const NOTE = / ?\[reason: ([^\]]*)\]$/;

/**
 * The description of a parameter's next version: that of the one before, with the reason for this version alone. SSM keeps a
 * description with each version, and no client reads it; a key in the document would be one that older clients refuse.
 *
 * @returns undefined where it would be longer than SSM takes
 */
export function describedWith(description: string | undefined, reason: string | undefined): string | undefined {
  const plain = (description ?? '').replace(NOTE, '');
  if (reason === undefined) return plain;
  const note = `[reason: ${reason.replace(/\s+/g, ' ').trim().replaceAll(']', ')')}]`;
  const whole = plain === '' ? note : `${plain} ${note}`;
  return whole.length <= MAX_DESCRIPTION ? whole : undefined;
}

/** The reason that the description of a version has for it. */
export function reasonIn(description: string | undefined): string | undefined {
  return NOTE.exec(description ?? '')?.[1];
}
