/** Outcome of one call of Lambda's Invoke. */
export type InvokeAnswer =
  /** The function ran and answered. `text` is its reply, as it was sent. */
  | { readonly kind: 'reply'; readonly text: string }
  /** The function ran and failed, or was cut off. `text` is the error as JSON. */
  | { readonly kind: 'function-error'; readonly text: string }
  /** Lambda's own queue has it. */
  | { readonly kind: 'accepted' }
  /** It did not run. */
  | { readonly kind: 'not-run'; readonly refusal: Refusal; readonly message: string }
  /** It was sent, and nobody knows whether it ran. */
  | { readonly kind: 'no-answer'; readonly message: string };

/**
 * Why an invocation did not run. `busy`: throttled, or the function is being updated. `unreachable`: no connection to
 * Lambda. `missing`: no such function, version or alias. `denied`: this caller may not invoke it. `credentials`: those of
 * this caller are expired, or not known. `refused`: Lambda does not take this very event.
 */
export type Refusal = 'busy' | 'unreachable' | 'missing' | 'denied' | 'credentials' | 'refused';

/** One invocation. */
export interface InvokeRequest {
  /** A name or an ARN, with its version or alias. */
  readonly function: string;
  readonly mode: 'request' | 'event';
  /** The event as JSON text, sent as it is. */
  readonly text: string;
  /** Base64 of JSON. */
  readonly clientContext?: string;
  readonly tenantId?: string;
  /** When the answer is given up, in milliseconds from now. */
  readonly limitMs: number;
}

/** Lambda, as far as a replay needs it. */
export interface Invoker {
  /**
   * Sends one request. A second one only where the first was refused for its signature, so that it did not run. Rejects
   * only where there are no credentials, or the endpoint is none.
   */
  invoke(request: InvokeRequest): Promise<InvokeAnswer>;
  /** How many invocations at once are reserved for a function: with 0 it never runs. Never rejects. */
  reservedConcurrency(functionName: string): Promise<ReservedConcurrency>;
  close(): void;
}

/** Reserved concurrency of a function, or why Lambda does not say. */
export type ReservedConcurrency =
  | { readonly kind: 'known'; readonly invocations: number | undefined }
  | { readonly kind: 'unknown'; readonly why: string };
