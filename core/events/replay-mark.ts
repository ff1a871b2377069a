import { isJson } from '../text/json.ts';
import { type Container, containerAt, type Member, memberNamed, withoutMembers } from '../text/json-text.ts';

/**
 * The mark that a replay, or a smoke test, puts into the client context of its own invocation:
 *
 *     { "custom": { "maintenance-window.replay": "<id>", "maintenance-window.deferredAt": "<instant>",
 *                   "maintenance-window.proof": "<nonce>" } }
 *
 * Each value is a text: AWS's clients for Java, Go, Rust and .NET refuse an invocation with anything else among what is
 * `custom`. `dispatch` is `true` where the handler is to run inside a window. A copy, sent to another function than the
 * event was, has `copyOf` besides: the function that it was sent to. Handlers may read them, all but `proof`: a nonce for
 * this one invocation, which the host cuts out before a handler sees the context. So an answer that repeats the nonce is
 * the gate's, and nothing ran; whatever else a handler says, or passes on from another function that it calls, cannot
 * have it.
 */

/** How the mark's names begin among what is `custom`. */
export const MARK = 'maintenance-window.';

const PROOF_NAME = `${MARK}proof`;

/** A mark as the gate goes by it. One without a proof is none: a handler has passed on its own client context. */
export interface Mark {
  /** Run the handler even inside a window. */
  readonly dispatch: boolean;
  readonly proof: string;
}

/** A client context on its way to a handler. */
export interface SeenContext {
  /** Raw JSON without the proof, every other byte as it came. */
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
  const starts = valuesNamed(context, 'custom');
  const customs = starts.flatMap((start) => containerAt(context, start) ?? []);
  const proofs = customs.flatMap(({ members }) => members.filter(isProof));
  const [custom, proof] = [customs[0], proofs[0]];
  if (!custom || !proof) return { text: context };

  // From the end, so that what stands before keeps its place.
  const text = customs.toReversed().reduce(withoutProofs, context);
  const nonce = parsedValue(context, proof);
  const isOnce = starts.length === 1 && proofs.length === 1;
  if (!isOnce || typeof nonce !== 'string' || !PROOF.test(nonce) || text.includes(nonce)) return { text };
  const dispatch = memberNamed(custom, `${MARK}dispatch`);
  return {
    text,
    mark: { dispatch: dispatch !== undefined && parsedValue(context, dispatch) === 'true', proof: nonce },
  };
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

/** Where the values begin that the context has under this name: two where it stands twice. */
function valuesNamed(context: string, name: string): readonly number[] {
  const { members = [] } = containerAt(context, 0) ?? {};
  return members.filter(({ key }) => key === name).map(({ valueStart }) => valueStart);
}

function withoutProofs(text: string, custom: Container): string {
  return text.slice(0, custom.start) + withoutMembers(text, custom, isProof) + text.slice(custom.end);
}

function isProof({ key }: Member): boolean {
  return key === PROOF_NAME;
}

function parsedValue(text: string, { valueStart, end }: Member): unknown {
  return JSON.parse(text.slice(valueStart, end));
}
