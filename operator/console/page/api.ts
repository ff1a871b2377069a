/** What the page asks of its server. */
import { signal } from '@preact/signals';
import {
  type Answer,
  CLOCK_HEADER,
  type EndedReplay,
  FILE_HEADER,
  type Later,
  type Looked,
  NEWS_HEADER,
  OWN_HEADER,
  type Where,
} from '../answer.ts';
import { tellTime } from './parts/clock.ts';

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

/** Why something was not answered, or what went wrong in the page. */
export function refusalText(fault: unknown): string {
  return fault instanceof Unanswered ? fault.message : String(fault);
}

/** Whether the server answers. What is shown without it is as old as it was then. */
export const isGone = signal(false);
/** Whether the address is one of a console that has ended. */
export const isStranger = signal(false);
/** Replays of this console that ended by a fault. */
export const endedReplays = signal<readonly EndedReplay[]>([]);
/** Name of the context, once it is known to be one of production. */
export const production = signal<string | undefined>(undefined);
/** When something was done in this console last, as far as it was heard here: epoch milliseconds. */
export const newsAt = signal(0);

/** What all tabs of this origin, and no other one, can read: a cookie goes to every port of this machine. */
const KEY = 'key';
/** Of the console that this page was loaded from: what it shows is that one's, and another one may be opened beside it. */
let key = localStorage.getItem(KEY) ?? '';

const GONE = 'The console does not answer. Does it still run in its terminal?';

export function hear(at: number): void {
  newsAt.value = Math.max(newsAt.value, at);
}

/** @param ended nobody waits for the answer any more */
async function ask(path: string, body?: unknown, ended?: AbortSignal): Promise<Response> {
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      [OWN_HEADER]: key,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(ended && { signal: ended }),
  }).catch(() => undefined);
  ended?.throwIfAborted();
  isGone.value = response === undefined;
  if (response === undefined) throw new Unanswered('gone', GONE);
  isStranger.value = response.status === 401;
  tellTime(Number(response.headers.get(CLOCK_HEADER)));
  hear(Number(response.headers.get(NEWS_HEADER)));
  if (response.ok) return response;
  const { why = response.statusText } = (await response.json().catch(() => ({}))) as { why?: string };
  throw new Unanswered(response.status === 401 ? 'not-admitted' : 'refused', why);
}

async function json<Value>(path: string, body?: unknown, ended?: AbortSignal): Promise<Value> {
  return (await ask(path, body, ended)).json() as Promise<Value>;
}

/** Exchanges the token of the address, and takes it out of the address and of the history. */
export async function enter(): Promise<ConsoleFacts> {
  const token = tokenOfAddress();
  const facts = token === undefined ? await json<ConsoleFacts>('/api/console') : await exchange(token);
  production.value = facts.where.production;
  return facts;
}

async function exchange(token: string): Promise<ConsoleFacts> {
  history.replaceState(null, '', location.pathname + location.search);
  const { key: given, ...facts } = await json<ConsoleFacts & { readonly key: string }>('/session', { token });
  key = given;
  localStorage.setItem(KEY, key);
  return facts;
}

/** The printed address, opened where a console is shown already, is no load of its own: this one may be another console's. */
export function followAddress(): void {
  window.addEventListener('hashchange', () => {
    if (tokenOfAddress() !== undefined) location.reload();
  });
}

function tokenOfAddress(): string | undefined {
  return /^#token=(.+)$/.exec(location.hash)?.[1];
}

/** Looks, or begins to: what takes long is told later. */
export function look(name: string, given: Given = {}, ended?: AbortSignal): Promise<Looked | Later> {
  return looked(`/api/look/${encodeURIComponent(name)}?${queryOf(given)}`, ended);
}

/** What a look came to that takes long, or that it still does. */
export function lookedLater({ later }: Later, ended?: AbortSignal): Promise<Looked | Later> {
  return looked(`/api/looked/${later}`, ended);
}

/** Looks for what somebody has asked for by a click: it has a connection of its own. */
export async function lookNow(name: string, given: Given = {}): Promise<Looked> {
  let told = await look(name, given);
  while ('later' in told) told = await lookedLater(told);
  return told;
}

async function looked(path: string, ended?: AbortSignal): Promise<Looked | Later> {
  const told = await json<Looked | Later>(path, undefined, ended);
  if ('later' in told) return told;
  endedReplays.value = told.ended ?? [];
  if (told.production !== undefined) production.value = told.production;
  return told;
}

/** The body of an event, as it was stored. That somebody asked is noted. */
export function body(eventName: string): Promise<Answer> {
  return json('/api/body', { name: eventName });
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

/**
 * Hears what is done in this console, until the server is gone. Server-sent events, read by hand: an `EventSource` sends no header of
 * ours.
 *
 * @param told after each
 */
export async function news(told: () => void, ended: AbortSignal): Promise<void> {
  const { body: stream } = await ask('/api/news', undefined, ended);
  const reader = stream?.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; reader; ) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      hear(Number(line.slice('data:'.length)));
      told();
    }
  }
  isGone.value = true;
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
