import { isJson } from '../text/json.ts';
import { type Container, containerAt, type Member, memberNamed, withMembers } from '../text/json-text.ts';

/**
 * The mark that a replay, or a smoke test, puts into the client context of its own invocation:
 *
 *     { "custom": { "maintenance-window": { "replay": "<id>", "deferredAt": "<instant>", "proof": "<nonce>" } } }
 *
 * Handlers may read it, all but `proof`: a nonce for this one invocation, which the host cuts out before a handler sees the
 * context. So an answer that repeats the nonce is the gate's, and nothing ran; whatever else a handler says, or passes on
 * from another function that it calls, cannot have it.
 */

/** The mark's place among what is `custom`. */
export const MARK = 'maintenance-window';

/** A mark as the gate goes by it. One without a proof is none: a handler has passed on its own client context. */
export interface Mark {
  /** Run the handler even inside a window. */
  readonly dispatch: boolean;
  readonly proof: string;
}

/** A client context on its way to a handler. */
export interface SeenContext {
  /** Raw JSON without the proof, every other byte outside of the mark as it came. */
  readonly text: string;
  readonly mark?: Mark;
}

/** 128 bits in base64url. */
const PROOF = /^[\w-]{22}$/;

/**
 * Separates a client context from its proof. It is a mark only if nothing on the way to the proof stands there twice: a
 * proof that cannot be cut out whole is never answered with. Pure; never throws.
 *
 * @param context raw JSON, or what was sent for it
 */
export function seenContext(context: string): SeenContext {
  if (!context.includes(MARK) || !isJson(context)) return { text: context };
  const customs = valuesNamed(context, [0], 'custom');
  const values = valuesNamed(context, customs, MARK);
  const marks = values.flatMap((start) => containerAt(context, start) ?? []);
  const proofs = marks.flatMap(({ members }) => members.filter(isProof));
  const [mark, proof] = [marks[0], proofs[0]];
  if (!mark || !proof) return { text: context };

  // From the end, so that what stands before keeps its place.
  const text = marks.toReversed().reduce(withoutProofs, context);
  const nonce = parsedValue(context, proof);
  const isOnce = customs.length === 1 && values.length === 1 && proofs.length === 1;
  if (!isOnce || typeof nonce !== 'string' || !PROOF.test(nonce) || text.includes(nonce)) return { text };
  const dispatch = memberNamed(mark, 'dispatch');
  return { text, mark: { dispatch: dispatch !== undefined && parsedValue(context, dispatch) === true, proof: nonce } };
}

/**
 * Error message by which a gate proves that nothing ran for the invocation with this proof. It names the function as it
 * was invoked, so that a handler without a gate cannot pass it on as another function's.
 */
export function nothingRan(invokedFunctionArn: string, proof: string): string {
  return `under maintenance: ${nameIn(invokedFunctionArn)} did not run, proof ${proof}`;
}

/** `orders:live` of `arn:aws:lambda:eu-south-1:123456789012:function:orders:live`, and of every shorter form that Lambda takes. */
function nameIn(functionArn: string): string {
  return functionArn.replace(/^.*:function:/, '');
}

/** Where the values begin that objects have under this name: two of an object in which it stands twice. */
function valuesNamed(text: string, starts: readonly number[], name: string): readonly number[] {
  return starts.flatMap((start) => {
    const { members = [] } = containerAt(text, start) ?? {};
    return members.filter(({ key }) => key === name).map(({ valueStart }) => valueStart);
  });
}

function withoutProofs(text: string, mark: Container): string {
  const kept = mark.members.filter((member) => !isProof(member)).map(({ start, end }) => text.slice(start, end));
  return text.slice(0, mark.start) + withMembers(text, mark, kept) + text.slice(mark.end);
}

function isProof({ key }: Member): boolean {
  return key === 'proof';
}

function parsedValue(text: string, { valueStart, end }: Member): unknown {
  return JSON.parse(text.slice(valueStart, end));
}
