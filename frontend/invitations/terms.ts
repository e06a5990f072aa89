/** How long and how often the link will work: said while it is chosen. */

import { resizeFrame } from "../core/frame";
import { promise } from "./handing_over";
import { find } from "./shared";

const A_MINUTE_MS = 60_000;

/** Keeps the promise of the form true; gives what to call when it is shown anew. */
export function startTerms(form: HTMLFormElement): () => void {
  const place = find(form, "[data-minutes]");
  const said = find(place, "[data-promise]");
  const change = place.querySelector<HTMLButtonElement>("[data-change-terms]");
  const choices = place.querySelector<HTMLElement>("#invite-terms");
  const chosen = (name: string): number =>
    Number(place.querySelector<HTMLSelectElement>(`[name=${name}]`)?.value ?? place.dataset[name]);

  function say(): void {
    const ends = new Date(Date.now() + chosen("minutes") * A_MINUTE_MS);
    said.textContent = promise(ends.toISOString(), chosen("uses"));
  }

  change?.addEventListener("click", () => {
    if (!choices) return;
    choices.hidden = !choices.hidden;
    change.setAttribute("aria-expanded", String(!choices.hidden));
    if (!choices.hidden) choices.querySelector("select")?.focus();
    resizeFrame();
  });
  form.addEventListener("input", say);
  // The fields have their first values again only after this event.
  form.addEventListener("reset", () => setTimeout(say));
  say();
  return say;
}
