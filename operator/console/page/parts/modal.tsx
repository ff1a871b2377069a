import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { place } from '../place.ts';

interface ModalProps {
  /** Id of its heading. */
  readonly labelledBy: string;
  readonly class?: string;
  /** Something is under way whose end is told in it: it stays open. */
  readonly isHeld?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog, for as long as it is rendered. Then the focus is where it was before, if that is still there. */
export function Modal({ labelledBy, class: className, isHeld = false, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // not on its first button: the key that opened it may still be held
    const heading = document.getElementById(labelledBy);
    if (heading) heading.tabIndex = -1;
    heading?.focus();
    return () => {
      isOver.current = true;
      // the browser gives the focus back where it closes one, and not where one is taken out of the document
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={className}
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        if (isHeld) event.preventDefault();
      }}
      onClose={() => {
        // a browser closes on the second Esc whatever the first one was answered
        if (isOver.current) return;
        if (isHeld) dialog.current?.showModal();
        else onClose();
      }}
    >
      {children}
    </dialog>
  );
}

/** Closes a dialog that another place of the console is gone to behind, unless it is held. */
export function useClosedElsewhere(isHeld: boolean, onClose: () => void): void {
  const opened = useRef(place.value);
  const current = place.value;
  useEffect(() => {
    if (current === opened.current) return;
    opened.current = current;
    if (!isHeld) onClose();
  }, [current]);
}
