/**
 * Room to read. Before somebody reads, a document leaves title and buttons in sight; it takes more
 * room as soon as somebody does, and the whole screen when they ask for it.
 */

import { resizeFrame } from "../core/frame";
import { mayFillScreen, offerOwnTab } from "./full_screen";
import { word } from "../core/messages";

/** What tells that somebody reads. The buttons stand above the page, so nothing moves under a finger. */
const READING = ["click", "keydown", "change", "wheel", "touchmove"];

function growWhenRead(stage: HTMLElement): void {
  const grow = (event: Event): void => {
    if (event instanceof KeyboardEvent && ["Tab", "Shift"].includes(event.key)) return;
    for (const read of READING) stage.removeEventListener(read, grow);
    stage.classList.add("reading");
    stage.style.removeProperty("--at-first");
    resizeFrame();
  };
  for (const read of READING) stage.addEventListener(read, grow, { passive: true });
}

/** The button for the whole screen; where that is refused it leads to a tab, or is not there. */
function startFullScreen(stage: HTMLElement, button: HTMLButtonElement): void {
  const refused = (): void => {
    if (!offerOwnTab(stage)) button.hidden = true;
  };
  if (mayFillScreen()) {
    button.addEventListener("click", () => {
      if (document.fullscreenElement) void document.exitFullscreen();
      else stage.requestFullscreen().catch(refused);
    });
    document.addEventListener("fullscreenchange", () => {
      button.setAttribute("aria-pressed", String(document.fullscreenElement === stage));
    });
  } else if (document.querySelector("form[data-own-tab]")) {
    button.querySelector("[data-label]")!.textContent = word("full_screen_elsewhere");
    button.removeAttribute("aria-pressed");
    button.addEventListener("click", refused);
  } else {
    button.hidden = true;
  }
}

export function giveRoom(stage: HTMLElement): void {
  growWhenRead(stage);
  const button = stage.querySelector<HTMLButtonElement>("[data-fills-screen]");
  if (button) startFullScreen(stage, button);
}
