import { announce, hush } from "./announce";
import { setBusy } from "./form";
import { framed, resizeFrame, visibleSlice, whenSeen } from "./frame";
import { word } from "./messages";

interface DialogModule {
  mount?: (dialog: HTMLDialogElement) => void;
}

const openers = new WeakMap<HTMLDialogElement, HTMLElement>();
const prepared = new WeakSet<HTMLDialogElement>();

function typedIn(dialog: HTMLDialogElement): boolean {
  const controls = dialog.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    "input:not([readonly]), textarea:not([readonly]), select",
  );
  return [...controls].some((control) => {
    if (control instanceof HTMLSelectElement) {
      const preset = [...control.options].findIndex((one) => one.defaultSelected);
      return control.selectedIndex !== Math.max(preset, 0);
    }
    if (control.type === "checkbox" || control.type === "radio") {
      return (control as HTMLInputElement).checked !== (control as HTMLInputElement).defaultChecked;
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

/**
 * Fetches a dialog's own script. Until it is there no form of the dialog is sent: the browser would
 * leave the page and lose what was typed. A press that comes too early is repeated afterwards, and
 * where the script could not be had, the next press tries again.
 */
function bringIn(dialog: HTMLDialogElement, address: string): void {
  let attempts = 0;
  let coming = false;
  let pressed: HTMLButtonElement | undefined;
  const problem = document.createElement("p");
  problem.className = "notice bad window-problem";
  problem.setAttribute("role", "alert");

  function forget(): void {
    if (pressed?.form) setBusy(pressed.form, false);
    if (pressed) hush(word("sending"));
    pressed = undefined;
  }

  function arrived(module: DialogModule): void {
    const early = pressed;
    forget();
    dialog.removeEventListener("click", hold);
    dialog.removeEventListener("close", forget);
    module.mount?.(dialog);
    early?.click();
  }

  function failed(): void {
    forget();
    attempts += 1;
    problem.textContent = word("window_unready");
    dialog.querySelector(".window-head")?.after(problem);
    problem.scrollIntoView({ block: "nearest" });
  }

  function ask(): void {
    if (coming) return;
    coming = true;
    problem.remove();
    // A browser may keep in mind that an address failed; the server does not look at the query.
    (import(attempts ? `${address}?${attempts}` : address) as Promise<DialogModule>)
      .finally(() => (coming = false))
      .then(arrived, failed);
  }

  function hold(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLButtonElement>("button:not([data-closes])");
    if (!button) return;
    if (button.type === "submit") {
      event.preventDefault();
      pressed = button;
      if (button.form) setBusy(button.form, true);
      announce(word("sending"));
    }
    ask();
  }

  dialog.addEventListener("click", hold);
  dialog.addEventListener("close", forget);
  ask();
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
  // The LMS may make the frame higher than its window once the dialog is open.
  if (framed) {
    window.addEventListener("resize", () => dialog.open && void place(dialog));
    whenSeen(({ bottom }) => dialog.open && grow(dialog, bottom));
  }
  const module = dialog.dataset["module"];
  if (module) bringIn(dialog, module);
}

const FROM_TOP = 48;
const FROM_TOP_IF_LOW = 12;
const LOW = 600;
/** As in the styles: from here on a window is a whole sheet. */
const SHEET = "(max-width: 30rem)";

function isSheet(dialog: HTMLDialogElement): boolean {
  return matchMedia(SHEET).matches && !dialog.classList.contains("small-window");
}

/**
 * In a frame as tall as its page, the middle may be out of sight: the dialog is put into the part
 * the reader sees, before it opens, so that focusing it scrolls nothing. It stays within that part:
 * not every browser scrolls the LMS's page to something in a dialog.
 */
async function place(dialog: HTMLDialogElement): Promise<void> {
  const slice = await visibleSlice();
  const seen = slice.bottom - slice.top;
  const partly = window.innerHeight - seen > FROM_TOP;
  const gap = isSheet(dialog) ? 0 : seen < LOW ? FROM_TOP_IF_LOW : FROM_TOP;
  dialog.style.marginBlockStart = partly ? `${slice.top + gap}px` : "";
  dialog.style.maxBlockSize = partly ? `${Math.max(seen - 2 * gap, 240)}px` : "";
}

/** Who scrolls the LMS's page on sees more of the frame, and then more of the dialog too. */
function grow(dialog: HTMLDialogElement, bottom: number): void {
  const held = parseFloat(dialog.style.maxBlockSize);
  const room = bottom - dialog.getBoundingClientRect().top - FROM_TOP_IF_LOW;
  if (room > held) dialog.style.maxBlockSize = `${room}px`;
}

/** Opens a modal dialog, and fires "window-opened" on it; focus comes back to `opener` when it closes. */
export async function openDialog(dialog: HTMLDialogElement, opener?: HTMLElement): Promise<void> {
  if (opener) openers.set(dialog, opener);
  if (framed) await place(dialog);
  if (dialog.open) return;
  // Not in the markup: there the browser would try it when the page loads, and refuse in a frame.
  dialog.querySelector("[data-focus-first]")?.toggleAttribute("autofocus", true);
  dialog.showModal();
  prepare(dialog);
  dialog.dispatchEvent(new CustomEvent("window-opened"));
  resizeFrame();
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
}
