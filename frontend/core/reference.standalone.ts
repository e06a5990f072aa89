/** Copies the reference of a page that says no, for whoever asks for help with it. */

async function copied(shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(shown.textContent ?? "");
    return true;
  } catch {
    // In a frame whose LMS does not allow it.
    getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copies-reference]")) {
  const shown = button.parentElement?.querySelector("code");
  const label = button.querySelector("span");
  if (!shown || !label) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    void copied(shown).then((done) => {
      if (!done) return;
      label.textContent = button.dataset["copiesReference"] ?? "";
      const live = document.querySelector("[data-live]");
      if (live) live.textContent = label.textContent;
    });
  });
}
