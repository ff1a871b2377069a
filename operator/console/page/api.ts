/** What the page asks of its server. */
import { signal } from '@preact/signals';
import { type Answer, FILE_HEADER, OWN_HEADER, type Where } from '../answer.ts';

/** What is given with an operation: names, and options by their long names; `true` is one without a value. */
export interface Given {
  readonly names?: readonly string[];
  readonly options?: Readonly<Record<string, readonly string[] | true>>;
}

/** What a console is. */
export interface ConsoleFacts {
  readonly isReadOnly: boolean;
  readonly where: Where;
}

/** Something that is shown before it is done. */
export interface Planned {
  readonly shown: Answer;
  /** Absent where it cannot be done. */
  readonly plan?: string;
  /** What has to be typed first. */
  readonly typed?: string;
}

/** A question that was not answered: what the server said, or that it said nothing. */
export class Unanswered extends Error {
  readonly kind: 'refused' | 'not-admitted' | 'gone';

  constructor(kind: Unanswered['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Whether the server answers. What is shown without it is as old as it was then. */
export const isGone = signal(false);
/** Whether the address is one of a console that has ended. */
export const isStranger = signal(false);

const GONE = 'The console does not answer. Does it still run in its terminal?';

async function ask(path: string, body?: unknown): Promise<Response> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { [OWN_HEADER]: '1', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => undefined);
  isGone.value = response === undefined;
  if (response === undefined) throw new Unanswered('gone', GONE);
  if (response.ok) return response;
  isStranger.value = response.status === 401;
  const { why = response.statusText } = (await response.json().catch(() => ({}))) as { why?: string };
  throw new Unanswered(response.status === 401 ? 'not-admitted' : 'refused', why);
}

async function json<Value>(path: string, body?: unknown): Promise<Value> {
  return (await ask(path, body)).json() as Promise<Value>;
}

/** Exchanges the token of the address, and takes it out of the address and of the history. */
export async function enter(): Promise<ConsoleFacts> {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token === undefined) return json('/api/console');
  history.replaceState(null, '', location.pathname + location.search);
  return json('/session', { token });
}

export function look(name: string, given: Given = {}): Promise<Answer> {
  return json(`/api/look/${encodeURIComponent(name)}?${queryOf(given)}`);
}

/** The body of an event, as it was stored. That somebody asked is noted. */
export function body(eventId: string): Promise<Answer> {
  return json('/api/body', { name: eventId });
}

/** The lines of a file, and what writing them came to. That somebody asked is noted. */
export async function file(name: string, given: Given): Promise<{ readonly lines: Blob; readonly answer: Answer }> {
  const response = await ask(`/api/file/${encodeURIComponent(name)}`, given);
  const lines = await response.blob();
  return { lines, answer: await json(`/api/filed/${response.headers.get(FILE_HEADER)}`) };
}

export function plan(name: string, given: Given): Promise<Planned> {
  return json(`/api/plan/${encodeURIComponent(name)}`, given);
}

export function carryOut(planId: string, typed?: string): Promise<Answer> {
  return json('/api/do', { plan: planId, typed });
}

export function change(name: string, given: Given, typed?: string): Promise<Answer> {
  return json(`/api/change/${encodeURIComponent(name)}`, { ...given, typed });
}

const AGAIN_MS = 2_000;

/**
 * Follows what a look is answered, for as long as the page is seen. A server that is gone is asked again until it is back.
 *
 * @returns what ends it
 */
export function follow(name: string, given: Given, tell: (answer: Answer) => void): () => void {
  let controller = new AbortController();
  let isOver = false;
  const begin = async () => {
    controller = new AbortController();
    const { signal: ended } = controller;
    while (!isOver && !ended.aborted && !document.hidden) {
      await read(name, given, tell, ended).catch(() => undefined);
      if (!isOver && !ended.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  const onSeen = () => (document.hidden ? controller.abort() : void begin());
  document.addEventListener('visibilitychange', onSeen);
  void begin();
  return () => {
    isOver = true;
    controller.abort();
    document.removeEventListener('visibilitychange', onSeen);
  };
}

/** Server-sent events, read by hand: an `EventSource` sends no header of ours. */
async function read(name: string, given: Given, tell: (answer: Answer) => void, ended: AbortSignal): Promise<void> {
  const response = await fetch(`/api/live/${encodeURIComponent(name)}?${queryOf(given)}`, {
    headers: { [OWN_HEADER]: '1' },
    signal: ended,
  }).catch(() => undefined);
  isGone.value = response === undefined && !ended.aborted;
  isStranger.value = response?.status === 401;
  if (!response?.ok || !response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ; ) {
    const { value, done } = await reader.read();
    if (done) break;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trimStart())
        .join('\n');
      if (data !== '') tell(JSON.parse(data) as Answer);
    }
  }
  isGone.value = !ended.aborted;
}

function queryOf({ names = [], options = {} }: Given): string {
  const query = new URLSearchParams();
  for (const [option, value] of Object.entries(options)) {
    if (value === true) query.append(option, '');
    else for (const text of value) query.append(option, text);
  }
  for (const name of names) query.append('name', name);
  return query.toString();
}
