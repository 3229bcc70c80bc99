/**
 * What lies over the columns without locking them: takes the focus, gives it back, and ends by Escape, by a click beside it and
 * when the focus goes elsewhere.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface PopoverProps {
  readonly label: string;
  readonly class: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Popover({ label, onClose, children, ...props }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  useFocusInside(box);
  useClickBeside(box, onClose);
  return (
    <div
      ref={box}
      class={`popover ${props.class}`}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.isComposing) return;
        event.stopPropagation();
        onClose();
      }}
      onFocusOut={(event) => {
        // Without a target the window lost the focus, or what had it is gone: neither is somebody leaving.
        if (event.relatedTarget instanceof Node && !box.current?.contains(event.relatedTarget)) onClose();
      }}
    >
      {children}
    </div>
  );
}

type Box = { readonly current: HTMLDivElement | null };

function useFocusInside(box: Box): void {
  useEffect(() => {
    const before = document.activeElement;
    const element = box.current;
    const first = element?.querySelector<HTMLElement>('input:checked, input, button, a[href]');
    (first ?? element)?.focus({ preventScroll: true });
    return () => {
      const moved = document.activeElement !== document.body && !element?.contains(document.activeElement);
      if (!moved && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
}

/** The button that opened it is beside it, too: its own click would open it again at once, so it is left to that button. */
function useClickBeside(box: Box, onClose: () => void): void {
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (!target || box.current?.contains(target) || target.closest('[aria-expanded="true"]')) return;
      onClose();
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [onClose]);
}
