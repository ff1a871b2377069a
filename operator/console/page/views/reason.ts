/** The option of a reason, where one was typed. */
export function reasonOption(reason: string): Readonly<Record<string, readonly string[]>> {
  return reason.trim() === '' ? {} : { reason: [reason.trim()] };
}
