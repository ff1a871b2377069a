/** The value of a JSON text; undefined for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a text is JSON. JSON has no `undefined`. */
export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
