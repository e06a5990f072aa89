/** Copies the reference of a page that says no, for whoever asks for help with it. */

import { mayUseClipboard } from "./clipboard";

async function copied(shown: HTMLElement): Promise<boolean> {
  try {
    if (mayUseClipboard()) {
      await navigator.clipboard.writeText(shown.textContent ?? "");
      return true;
    }
  } catch {
    // Then it is selected and copied like anything else.
  }
  getSelection()?.selectAllChildren(shown);
  return document.execCommand("copy");
}

function copyButton(place: HTMLElement, shown: HTMLElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button lean";
  button.textContent = place.dataset["copyReference"] ?? "";
  button.addEventListener("click", () => {
    void copied(shown).then((done) => {
      if (!done) return;
      button.textContent = place.dataset["copied"] ?? "";
      const live = document.querySelector("[data-live]");
      if (live) live.textContent = button.textContent;
    });
  });
  return button;
}

for (const place of document.querySelectorAll<HTMLElement>("[data-copy-reference]")) {
  const shown = place.parentElement?.querySelector("code");
  if (shown) place.append(copyButton(place, shown));
}
