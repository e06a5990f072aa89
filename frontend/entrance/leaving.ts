/** Out of a frame into a window of its own, where the frame lets one be opened. */

import { sealed } from "./gate";

/** Opens a window for the form, within the press; the browser says whether it may. */
function opensWindow(form: HTMLFormElement): boolean {
  const name = `foyer-${Date.now()}`;
  if (!window.open("", name)) return false;
  form.target = name;
  return true;
}

function show(id: string | undefined): void {
  const place = document.getElementById(id ?? "");
  if (!place) return;
  place.hidden = false;
  if (place instanceof HTMLDetailsElement) {
    place.open = true;
    place.querySelector<HTMLElement>("summary")?.focus();
  } else place.focus();
}

/**
 * Forms that open a window: data-leaves names what the frame says then, data-blocked what it says
 * where the page around forbids windows (a sandbox without allow-popups).
 */
export function startLeaving(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-leaves]")) {
    form.addEventListener("submit", (event) => {
      if (opensWindow(form)) show(form.dataset["leaves"]);
      else {
        event.preventDefault();
        show(form.dataset["blocked"]);
      }
    });
  }
}

/**
 * The page of a copied address: brings the ticket that stands after its "#", which is taken away.
 * Not from a window that is sealed as the frame was from which it came: there the address is copied.
 */
export function startComing(trying: HTMLElement, giveUp: (trying: HTMLElement) => void): void {
  const form = document.querySelector<HTMLFormElement>("form[data-brings-ticket]");
  const field = form?.elements.namedItem("ticket");
  const ticket = location.hash.slice(1);
  if (!form || !(field instanceof HTMLInputElement) || !ticket) {
    giveUp(trying);
    return;
  }
  if (sealed()) {
    trying.hidden = true;
    document.querySelector<HTMLInputElement>("#here-address")!.value = location.href;
    document.querySelector<HTMLElement>("[data-sealed-window]")!.hidden = false;
    return;
  }
  field.value = ticket;
  history.replaceState(null, "", location.pathname + location.search);
  form.submit();
}
