/** What Delete would end is counted when the question is asked: much may have come since the page did. */

import { api } from "../core/api";
import { resizeFrame } from "../core/frame";

export function startCounting(mediaId: string): void {
  const dialog = document.getElementById("delete-dialog");
  const list = dialog?.querySelector<HTMLElement>("[data-endings]");
  if (!dialog || !list) return;
  const fill = (sentences: string[]): void => {
    list.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("li");
        line.textContent = sentence;
        return line;
      }),
    );
    list.hidden = sentences.length === 0;
    resizeFrame();
  };
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest('[data-opens="delete-dialog"]')) return;
    fill([]);
    // Without an answer the question stands as it is: what it says of the item is true all the same.
    api<{ endings: string[]; undo: string }>("GET", `media/${mediaId}/endings`).then(
      (told) => {
        const undo = dialog.querySelector("[data-undo]");
        if (undo) undo.textContent = told.undo;
        fill(told.endings);
      },
      () => undefined,
    );
  });
}
