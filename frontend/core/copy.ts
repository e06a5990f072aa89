import { announce } from "./announce";
import { word } from "./words";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** For frames whose LMS does not allow the Clipboard API: copies what is selected. */
function copySelection(field: Field): boolean {
  field.focus();
  field.select();
  field.setSelectionRange(0, field.value.length);
  return document.execCommand("copy");
}

function borrowedField(content: string, near: HTMLElement): HTMLTextAreaElement {
  const field = document.createElement("textarea");
  field.value = content;
  field.readOnly = true;
  field.className = "visually-hidden";
  near.append(field);
  return field;
}

/** Copies `content`; where `field` shows it, it is left selected so that Ctrl+C works too. */
export async function copyText(content: string, field?: Field): Promise<boolean> {
  const focused = document.activeElement;
  let done = false;
  try {
    await navigator.clipboard.writeText(content);
    done = true;
  } catch {
    const used = field ?? borrowedField(content, document.querySelector("dialog[open]") ?? document.body);
    done = copySelection(used);
    if (!field) used.remove();
  }
  if (done && focused instanceof HTMLElement) focused.focus();
  if (!done) field?.select();
  announce(word(done ? "copied" : "copy_by_hand"));
  return done;
}

/** Buttons that copy: data-copy="id of the field", or data-copy-text="the text". */
export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-text]");
    if (!button) return;
    const found = document.getElementById(button.dataset["copy"] ?? "");
    const field = found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement ? found : undefined;
    void copyText(button.dataset["copyText"] ?? field?.value ?? "", field).then((done) => {
      const label = button.querySelector<HTMLElement>("[data-label]");
      if (!label) return;
      label.dataset["label"] ||= label.textContent ?? "";
      label.textContent = word(done ? "copied" : "copy_by_hand");
      setTimeout(() => (label.textContent = label.dataset["label"] ?? ""), 2500);
    });
  });
}
