/** How long and how often the link will work: said while it is chosen. */

import { resizeFrame } from "../core/frame";
import { promise } from "./handing_over";
import { find } from "./shared";

const A_MINUTE_MS = 60_000;

export interface Terms {
  /** Says anew until when, as the clock goes on. */
  say: () => void;
  /** Shows what can be chosen. */
  unfold: () => void;
  chosen: () => Chosen;
}

export interface Chosen {
  minutes: number;
  uses: number;
  /** What was changed; what was left as it is, the server knows better than this page. */
  changed: Record<string, string>;
}

/** When a link ends that is made now. */
export function endOf(minutes: number): string {
  return new Date(Date.now() + minutes * A_MINUTE_MS).toISOString();
}

export const TERMS = ["minutes", "uses"];

/** Keeps the promise of the form true. */
export function startTerms(form: HTMLFormElement): Terms {
  const place = find(form, "[data-minutes]");
  const said = find(place, "[data-promise]");
  const change = place.querySelector<HTMLButtonElement>("[data-change-terms]");
  const choices = place.querySelector<HTMLElement>("#invite-terms");
  const selects = [...place.querySelectorAll("select")];
  const valueOf = (name: string): number =>
    Number(selects.find((one) => one.name === name)?.value ?? place.dataset[name]);

  function say(): void {
    said.textContent = promise(endOf(valueOf("minutes")), valueOf("uses"));
  }

  function show(shown: boolean): void {
    if (choices) choices.hidden = !shown;
    change?.setAttribute("aria-expanded", String(shown));
    resizeFrame();
  }

  change?.addEventListener("click", () => {
    const shown = change.getAttribute("aria-expanded") !== "true";
    show(shown);
    if (shown) selects[0]?.focus();
  });
  form.addEventListener("input", say);
  // The fields have their first values again only after this event.
  form.addEventListener("reset", () => setTimeout(say));
  say();
  return {
    say,
    unfold: () => show(true),
    chosen: () => ({
      minutes: valueOf("minutes"),
      uses: valueOf("uses"),
      changed: Object.fromEntries(
        selects
          .filter((one) => !one.selectedOptions[0]?.defaultSelected)
          .map((one) => [one.name, one.value]),
      ),
    }),
  };
}
