import { type RefObject, useState } from 'react';

/**
 * Remembers what had the focus when a dialog opened, which is where it goes when the dialog closes: the library knows
 * only of buttons that are the dialog's own. Put it into the dialog; it is drawn before anything in there is focused.
 */
export function RememberOpener({ opener }: { readonly opener: RefObject<HTMLElement | null> }) {
  useState(() => {
    opener.current = openerOf(document.activeElement);
  });
  return null;
}

/** An item of a menu goes away with it; its menu belongs to a button that stays. */
function openerOf(focused: Element | null): HTMLElement | null {
  const menu = focused?.closest('[role="menu"]');
  const id = menu?.getAttribute('aria-labelledby');
  const element = id ? document.getElementById(id) : focused;
  return element instanceof HTMLElement ? element : null;
}
