/**
 * `AbortController` for where Node's is not to be had, as much of it as is used here and in the AWS SDK. In a function's own
 * process Node's tells of an abort by an `Event`, which is the handler's; an engine without Node has none.
 */
export class OwnAbortController {
  readonly signal = new OwnAbortSignal();

  abort(): void {
    this.signal.abort();
  }
}

type Listener = () => void;

class OwnAbortSignal {
  aborted = false;
  readonly reason = Object.assign(new Error('the request was given up'), { name: 'AbortError' });
  onabort: Listener | null = null;
  readonly #listeners = new Set<Listener>();

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.onabort?.();
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.#listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}
