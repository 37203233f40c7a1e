/** What lies above a page for a while, and so is no place in it to come back to. */
const PASSING = '[role="dialog"], [role="menu"], [role="listbox"]';

let inPage: HTMLElement | null = null;
const inDialog = new WeakMap<Element, HTMLElement>();

/** Remembers where the focus is, in the page and in each dialog. */
export function followFocus(): void {
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    const dialog = target.closest('[role="dialog"]');
    if (dialog) inDialog.set(dialog, target);
    else if (!target.closest(PASSING)) inPage = target;
  });
}

/**
 * For a dialog that closes: brings the focus back to where it was before, whatever has opened the dialog: a button, an
 * item of a menu that is gone, a key. Radix knows the way back to a `DialogTrigger` alone, and few of ours have one.
 */
export function returnFocus(event: Event): void {
  event.preventDefault();
  const below = [...document.querySelectorAll('[role="dialog"][data-state="open"]')].at(-1);
  const place = below ? inDialog.get(below) : inPage;
  if (place?.isConnected) place.focus();
  else if (!below) document.getElementById('main')?.focus();
}
