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
