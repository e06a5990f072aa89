/** Menu buttons: <div class="menu"><button aria-haspopup="menu">…<ul role="menu" hidden>. */

import { framed, resizeFrame, visibleSlice } from "./frame";

const started = new WeakSet<Element>();

function startMenu(button: HTMLElement, list: HTMLElement): void {
  const items = (): HTMLElement[] =>
    [...list.querySelectorAll<HTMLElement>("[role^=menuitem]")].filter((item) => item.getClientRects().length);
  const isOpen = (): boolean => !list.hidden;

  function focusItem(index: number): void {
    const all = items();
    const next = all[(index + all.length) % all.length];
    for (const item of all) item.tabIndex = item === next ? 0 : -1;
    next?.focus();
  }

  function open(index: number): void {
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    placeInWindow();
    resizeFrame();
    focusItem(index);
  }

  function placeInWindow(): void {
    list.classList.remove("upwards", "forwards");
    const box = list.getBoundingClientRect();
    const page = document.documentElement.clientWidth;
    list.classList.toggle("forwards", box.left < 0 || box.right > page);
    place(0, document.documentElement.clientHeight);
    // Of a frame as tall as its page only a part is seen.
    if (framed) void visibleSlice().then(({ top, bottom }) => place(top, bottom));
  }

  function placeAnew(): void {
    if (isOpen()) placeInWindow();
  }

  /** Above the button where there is no room below it, but above. */
  function place(top: number, bottom: number): void {
    const opener = button.getBoundingClientRect();
    const below = opener.bottom + list.offsetHeight > bottom;
    list.classList.toggle("upwards", below && opener.top - list.offsetHeight > top);
  }

  function close(focusButton: boolean): void {
    if (!isOpen()) return;
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    resizeFrame();
    if (focusButton) button.focus();
  }

  function typeAhead(letter: string): void {
    const all = items();
    const from = all.indexOf(document.activeElement as HTMLElement) + 1;
    const turned = [...all.slice(from), ...all.slice(0, from)];
    const wanted = letter.toLocaleLowerCase();
    const hit = turned.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(wanted));
    if (hit) focusItem(all.indexOf(hit));
  }

  button.addEventListener("click", () => (isOpen() ? close(true) : open(0)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(event.key === "ArrowDown" ? 0 : -1);
  });
  list.addEventListener("keydown", (event) => {
    const here = items().indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") focusItem(here + 1);
    else if (event.key === "ArrowUp") focusItem(here - 1);
    else if (event.key === "Home") focusItem(0);
    else if (event.key === "End") focusItem(-1);
    else if (event.key === "Escape") close(true);
    else if (event.key === " ") (document.activeElement as HTMLElement).click();
    else if (event.key === "Tab") return close(false);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) typeAhead(event.key);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", () => close(false));
  document.addEventListener("pointerdown", (event) => {
    if (!list.parentElement?.contains(event.target as Node)) close(false);
  });
  window.addEventListener("blur", () => close(false));
  window.addEventListener("resize", placeAnew);
  window.addEventListener("scroll", placeAnew, { passive: true });
}

export function startMenus(root: ParentNode = document): void {
  for (const button of root.querySelectorAll<HTMLElement>("[aria-haspopup=menu]")) {
    const list = button.parentElement?.querySelector<HTMLElement>("[role=menu]");
    if (!list || started.has(button)) continue;
    started.add(button);
    startMenu(button, list);
  }
}
