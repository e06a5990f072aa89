/**
 * The film as large as the screen. Where the page around us does not allow it, the control says so and
 * offers a tab of its own; on iPhones the browser's own player can still do it.
 */

import type videojs from "video.js/core";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";

type Player = ReturnType<typeof videojs>;

interface PhoneVideo extends HTMLVideoElement {
  webkitSupportsFullscreen?: boolean;
  webkitEnterFullscreen?: () => void;
}

interface Toggle {
  enable(): void;
  controlText(words: string): void;
  handleClick: (event: Event) => void;
}

function allowed(): boolean {
  const { webkitFullscreenEnabled } = document as Document & { webkitFullscreenEnabled?: boolean };
  return mayFillScreen() || (webkitFullscreenEnabled ?? false);
}

/** Whether anything but a film may become as large as the screen. */
export function mayFillScreen(): boolean {
  return document.fullscreenEnabled ?? false;
}

/** Says that full screen is refused here, and offers the tab; tells whether there is one to offer. */
export function offerOwnTab(box: HTMLElement): boolean {
  let note = box.parentElement?.querySelector<HTMLElement>("[data-full-screen]");
  if (!note) {
    note = document.createElement("div");
    note.className = "notice row stage-note";
    note.dataset["fullScreen"] = "";
    note.setAttribute("role", "status");
    box.after(note);
  }
  const said = document.createElement("p");
  said.textContent = word("full_screen_refused");
  note.replaceChildren(said);
  const form = document.querySelector<HTMLFormElement>("form[data-own-tab]");
  if (form?.id) {
    const button = document.createElement("button");
    button.className = "button lean";
    button.textContent = word("own_tab");
    button.setAttribute("form", form.id);
    note.append(button);
    button.focus();
  }
  resizeFrame();
  return form !== null;
}

/** What the control and its key do instead, where the browser's full screen is refused. */
export function explainFullScreen(box: HTMLElement, player: Player, film: PhoneVideo): (() => void) | undefined {
  if (allowed()) return undefined;
  const bar = player.getChild("ControlBar");
  const toggle = bar?.getChild("FullscreenToggle") as unknown as Toggle | undefined;
  if (!toggle) return undefined;
  const enlarge = (): void => {
    if (!film.webkitEnterFullscreen) offerOwnTab(box);
    else if (film.webkitSupportsFullscreen) film.webkitEnterFullscreen();
    // Before that an iPhone does not know that it can.
    else if (!film.readyState) film.addEventListener("loadedmetadata", enlarge, { once: true });
    else offerOwnTab(box);
  };
  toggle.enable();
  toggle.handleClick = enlarge;
  if (!film.webkitEnterFullscreen) toggle.controlText(word("full_screen_elsewhere"));
  return enlarge;
}
