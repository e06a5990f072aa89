import { visibleSlice } from "./frame";

/** Says something to people who listen to the page. An open dialog hides the rest, so it says it. */
export function announce(message: string): void {
  const dialog = [...document.querySelectorAll<HTMLElement>("dialog[open]")].pop();
  const place = dialog ?? document.body;
  let region = place.querySelector<HTMLElement>(":scope > [data-live]");
  if (!region) {
    region = document.createElement("p");
    region.dataset["live"] = "";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    place.append(region);
  }
  const spoken = region;
  spoken.textContent = "";
  // A region that has just appeared or holds the same words is not read out again.
  setTimeout(() => (spoken.textContent = message), 60);
}

/** Shows a short message at the bottom of what is visible, and says it. Gone after six seconds. */
export function toast(message: string): void {
  document.querySelector(".toast")?.remove();
  const shown = document.createElement("div");
  shown.className = "toast";
  shown.setAttribute("aria-hidden", "true");
  shown.textContent = message;
  (document.querySelector("dialog[open]") ?? document.body).append(shown);
  void visibleSlice().then(({ bottom }) => {
    const hidden = window.innerHeight - bottom;
    if (hidden > 0) shown.style.insetBlockEnd = `${hidden + 16}px`;
  });
  setTimeout(() => shown.remove(), 6000);
  announce(message);
}
