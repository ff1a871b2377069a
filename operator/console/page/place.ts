/** Where in the console somebody is: view and filters stand in the address, to be sent to somebody else. */
import { signal } from '@preact/signals';

export interface Place {
  /** `now`, `windows`, `events`, … */
  readonly view: string;
  readonly query: URLSearchParams;
}

export const place = signal<Place>(read());

/** The zone of times stays from view to view. */
const KEPT = 'timezone';

export function hrefOf(view: string, query: Readonly<Record<string, string | readonly string[]>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const text of typeof value === 'string' ? [value] : value) if (text !== '') search.append(name, text);
  }
  const kept = place.value.query.get(KEPT);
  if (kept !== null && query[KEPT] === undefined) search.append(KEPT, kept);
  const text = search.toString();
  return `/${view}${text === '' ? '' : `?${text}`}`;
}

export function go(href: string, isReplaced = false): void {
  if (isReplaced) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  place.value = read();
  if (!isReplaced) window.scrollTo(0, 0);
}

/** Links within the console are followed without a load; others, and those for another tab, as always. */
export function followLinks(): void {
  window.addEventListener('popstate', () => {
    place.value = read();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || link.target !== '' || link.origin !== location.origin || link.hasAttribute('download'))
      return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

function read(): Place {
  return { view: location.pathname.slice(1) || 'now', query: new URLSearchParams(location.search) };
}
