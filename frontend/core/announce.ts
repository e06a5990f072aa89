const STAYS_MS = 8000;

let timer = 0;
let coming = "";

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
  coming = message;
  clearTimeout(timer);
  // A region that has just appeared or holds the same words is not read out again.
  timer = window.setTimeout(() => {
    coming = "";
    spoken.textContent = message;
    // What has been said is over: nobody who reads on should come upon it.
    timer = window.setTimeout(() => (spoken.textContent = ""), STAYS_MS);
  }, 60);
}

/** Takes back what was said for the time of waiting, unless something else was said since. */
export function hush(message: string): void {
  if (coming === message) clearTimeout(timer);
  for (const region of document.querySelectorAll("[data-live]")) {
    if (region.textContent === message) region.textContent = "";
  }
}
