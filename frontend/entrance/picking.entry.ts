/** Choosing several: how many there are, and keeping them on the way to another page of the list. */

import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";

const picks = document.querySelector<HTMLFormElement>("form[data-picks]");
const boxes = [...document.querySelectorAll<HTMLInputElement>("[data-pick]")];
const count = document.querySelector<HTMLElement>("[data-picked-count]");
const kept = [...document.querySelectorAll<HTMLElement>("[data-keeps-picked]")];

function picked(): string[] {
  return boxes.filter((box) => box.checked).map((box) => box.value);
}

function say(many: number): void {
  if (!count) return;
  const name = many === 0 ? "picked_none" : many === 1 ? "picked_one" : "picked_many";
  count.textContent = word(name, { count: new Intl.NumberFormat(document.documentElement.lang).format(many) });
}

/** Links take along what is picked in their address, forms in hidden fields. */
function takeAlong(ids: string[]): void {
  for (const way of kept) {
    if (way instanceof HTMLAnchorElement) {
      const address = new URL(way.href);
      address.searchParams.delete("picked");
      for (const id of ids) address.searchParams.append("picked", id);
      way.href = address.href;
    } else if (way instanceof HTMLFormElement) {
      for (const old of way.querySelectorAll("input[name=picked]")) old.remove();
      for (const id of ids) {
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = "picked";
        field.value = id;
        way.append(field);
      }
    }
  }
}

function changed(): void {
  const ids = picked();
  say(ids.length);
  takeAlong(ids);
}

if (picks && boxes.length) {
  if (count) count.setAttribute("role", "status");
  for (const box of boxes) box.addEventListener("change", changed);
  // A browser that comes back to the page may have kept what was ticked.
  window.addEventListener("pageshow", changed);
  changed();
  resizeFrame();
}
