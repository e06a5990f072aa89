import { announce } from "./announce";
import { mayUseClipboard } from "./clipboard";
import { word } from "./messages";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** For frames whose LMS does not allow the Clipboard API: copies what is selected. */
function copySelection(field: Field): boolean {
  field.focus();
  field.select();
  field.setSelectionRange(0, field.value.length);
  return document.execCommand("copy");
}

async function written(content: string): Promise<boolean> {
  if (!mayUseClipboard()) return false;
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return false;
  }
}

/** Copies `content`, which `field` shows; there it is left selected, so that Ctrl+C works too. */
export async function copyText(content: string, field: Field): Promise<boolean> {
  const focused = document.activeElement;
  const done = (await written(content)) || copySelection(field);
  if (done && focused instanceof HTMLElement) focused.focus();
  if (!done) field.select();
  announce(word(done ? "copied" : "copy_by_hand"));
  return done;
}

/** Buttons that copy: data-copy="id of the field". */
export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const field = document.getElementById(button?.dataset["copy"] ?? "");
    if (!button || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    void copyText(field.value, field).then((done) => {
      const label = button.querySelector<HTMLElement>("[data-label]");
      if (!label) return;
      label.dataset["label"] ||= label.textContent ?? "";
      // What stands beside it stays where it is, whichever word is longer.
      button.style.minInlineSize = `${button.getBoundingClientRect().width}px`;
      label.textContent = word(done ? "copied" : "copy_by_hand");
      setTimeout(() => (label.textContent = label.dataset["label"] ?? ""), 2500);
    });
  });
}
