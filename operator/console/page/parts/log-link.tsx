import type { ComponentChildren } from 'preact';
import { type Logged, logHref } from './log-href.ts';
import { who } from './who.ts';

/** A link to a function's log, where there is one. It opens without a hold on this page, which has a session. */
export function LogLink({ children, ...logged }: Logged & { readonly children: ComponentChildren }) {
  const href = logHref(logged, who.value);
  if (href === undefined) return null;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
