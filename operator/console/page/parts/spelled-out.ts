import { Fragment, options, type VNode } from 'preact';
import { shownLines } from '../../../../core/text/shown.ts';

/** What a person reads or hears of an element besides its children. */
const SAID = ['title', 'aria-label'];

/**
 * Has every text of the page spelled out where it has something that would turn the direction of others or hide in it, as the tool
 * shows it on a terminal: names, reasons and errors come from whoever may write them. What is typed and copied stays as it is.
 */
export function spellOutTexts(): void {
  const before = options.vnode;
  options.vnode = (node: VNode) => {
    if (typeof node.type === 'string' || node.type === Fragment) spellOut(node.props as Record<string, unknown>);
    before?.(node);
  };
}

function spellOut(props: Record<string, unknown>): void {
  if (props['children'] !== undefined) props['children'] = spelledOut(props['children']);
  for (const name of SAID) if (typeof props[name] === 'string') props[name] = inItsOrder(props[name]);
}

/** Texts may stand in lists of lists. */
function spelledOut(children: unknown): unknown {
  if (typeof children === 'string') return inItsOrder(children);
  return Array.isArray(children) ? children.map(spelledOut) : children;
}

/** Tabs are as they are. */
function inItsOrder(text: string): string {
  return text.split('\t').map(shownLines).join('\t');
}
