import { framed, resizeFrame, visibleSlice } from "./frame";
import { word } from "./words";
import { announce } from "./announce";

interface DialogModule {
  mount?: (dialog: HTMLDialogElement) => void;
}

const openers = new WeakMap<HTMLDialogElement, HTMLElement>();
const prepared = new WeakSet<HTMLDialogElement>();

function typedIn(dialog: HTMLDialogElement): boolean {
  return [...dialog.querySelectorAll("input, textarea, select")].some((control) => {
    if (control instanceof HTMLSelectElement) {
      return [...control.options].some((option) => option.selected !== option.defaultSelected);
    }
    if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue;
    if (!(control instanceof HTMLInputElement) || control.readOnly) return false;
    if (control.type === "checkbox" || control.type === "radio") {
      return control.checked !== control.defaultChecked;
    }
    return control.value !== control.defaultValue;
  });
}

function onBackdrop(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  if (event.target !== dialog) return false;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right &&
    event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside;
}

function prepare(dialog: HTMLDialogElement): void {
  if (prepared.has(dialog)) return;
  prepared.add(dialog);
  dialog.addEventListener("pointerdown", (event) => {
    if (onBackdrop(dialog, event) && !typedIn(dialog)) dialog.close();
  });
  dialog.addEventListener("close", () => {
    openers.get(dialog)?.focus();
    resizeFrame();
  });
  const sizes = new ResizeObserver(() => {
    if (dialog.open) resizeFrame();
  });
  for (const part of [dialog, ...dialog.children]) sizes.observe(part);
  const module = dialog.dataset["module"];
  if (!module) return;
  (import(module) as Promise<DialogModule>).then(
    (loaded) => loaded.mount?.(dialog),
    () => announce(word("offline")),
  );
}

const FROM_TOP = 48;

/**
 * In a frame as tall as its page, the middle may be out of sight: the dialog is put into the part
 * the reader sees, before it opens, so that focusing it scrolls nothing.
 */
async function place(dialog: HTMLDialogElement): Promise<void> {
  const slice = await visibleSlice();
  const seen = slice.bottom - slice.top;
  const partly = window.innerHeight - seen > FROM_TOP;
  dialog.style.marginBlockStart = partly ? `${slice.top + Math.min(FROM_TOP, seen / 12)}px` : "";
  dialog.style.maxBlockSize = partly ? `${Math.max(seen - 2 * FROM_TOP, 240)}px` : "";
}

/** Opens a modal dialog; focus comes back to `opener` when it closes. */
export async function openDialog(dialog: HTMLDialogElement, opener?: HTMLElement): Promise<void> {
  if (opener) openers.set(dialog, opener);
  if (framed) await place(dialog);
  if (dialog.open) return;
  // Not in the markup: there the browser would try it when the page loads, and refuse in a frame.
  dialog.querySelector("[data-focus-first]")?.toggleAttribute("autofocus", true);
  dialog.showModal();
  prepare(dialog);
  resizeFrame();
  dialog.dispatchEvent(new CustomEvent("dialog-open"));
}

/**
 * data-opens="id" on a button or link opens that dialog, data-closes inside one closes it.
 * data-module="address" on the dialog names a script that is fetched at the first opening
 * and whose exported mount(dialog) is then called once. data-focus-first marks what has the focus
 * when the dialog opens.
 */
export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target as Element;
    const closer = target.closest("[data-closes]");
    if (closer) {
      closer.closest("dialog")?.close();
      return;
    }
    const opener = target.closest<HTMLElement>("[data-opens]");
    const dialog = document.getElementById(opener?.dataset["opens"] ?? "");
    if (!opener || !(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    const menu = opener.closest<HTMLElement>("[role=menu]");
    const origin = menu?.parentElement?.querySelector<HTMLElement>("[aria-haspopup=menu]") ?? opener;
    void openDialog(dialog, origin);
  });
  for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[data-open-now]")) {
    void openDialog(dialog);
  }
}
