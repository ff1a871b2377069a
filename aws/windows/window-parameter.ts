import { parseWindows, type WindowDocument } from '../../core/windows/window.ts';
import type { ParameterStore } from './parameter-store.ts';

/** What one window parameter holds. `modifiedAt`: epoch milliseconds. */
export type ParameterReading =
  | {
      readonly kind: 'windows';
      readonly arn?: string;
      readonly version: number;
      readonly modifiedAt: number;
      readonly document: WindowDocument;
    }
  /** It does not exist, and so has no windows. */
  | { readonly kind: 'absent' }
  /** `message` names the place in its text. */
  | { readonly kind: 'malformed'; readonly version: number; readonly message: string };

/**
 * Reads one window parameter, for the operator and the monitor. The hosts of the gate have a reader of their own, which
 * keeps the last good document: `window-documents.ts`.
 *
 * @throws what the store throws where SSM denies the parameter, or does not answer
 */
export async function readWindowParameter(
  store: Pick<ParameterStore, 'read'>,
  name: string,
): Promise<ParameterReading> {
  const stored = await store.read(name);
  if (!stored) return { kind: 'absent' };
  const { arn, version, modifiedAt, text } = stored;
  const parsed = parseWindows(text);
  return parsed.kind === 'fault'
    ? { kind: 'malformed', version, message: parsed.message }
    : { kind: 'windows', ...(arn && { arn }), version, modifiedAt, document: parsed.document };
}
