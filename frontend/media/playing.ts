/**
 * Films and sounds. Before the first tap there are a picture and a light button; the player is fetched
 * when somebody comes near, and takes over the very element that plays by then.
 */

import type { Freshness } from "./freshness";

const NEAR = ["pointerenter", "pointerdown", "touchstart", "focusin"];

/** Does the work once, as soon as somebody comes near the box. */
export function whenNear(box: HTMLElement, work: () => void): void {
  const once = (): void => {
    for (const near of NEAR) box.removeEventListener(near, once);
    work();
  };
  for (const near of NEAR) box.addEventListener(near, once, { passive: true });
}

function follow(button: HTMLElement, media: HTMLMediaElement): void {
  const tell = (state: string) => (): void => {
    button.dataset["state"] = state;
  };
  media.addEventListener("play", tell("waiting"));
  media.addEventListener("waiting", tell("waiting"));
  media.addEventListener("playing", tell("playing"));
  media.addEventListener("pause", tell("paused"));
  media.addEventListener("error", tell("paused"));
  if (!media.paused) tell(media.readyState > HTMLMediaElement.HAVE_CURRENT_DATA ? "playing" : "waiting")();
}

/** Where the player cannot be had, the browser's own controls do. */
function plainly(button: HTMLElement, media: HTMLMediaElement): void {
  button.hidden = true;
  media.controls = true;
}

function fitPicture(box: HTMLElement, film: HTMLVideoElement): void {
  film.addEventListener("loadedmetadata", () => {
    const own = film.videoWidth / film.videoHeight;
    const drawn = film.clientWidth / film.clientHeight;
    // A difference of less than a line of pixels is a rounding, and would show as a black line.
    box.classList.toggle("own-ratio", Math.abs(own / drawn - 1) < 0.02);
  });
}

export function startPlaying(box: HTMLElement, media: HTMLMediaElement, freshness: Freshness): void {
  const button = box.querySelector<HTMLButtonElement>("[data-start]");
  if (!button) return;
  freshness.guard(media);
  follow(button, media);
  if (media instanceof HTMLVideoElement) fitPicture(box, media);
  let asked = false;
  const bring = (): void => {
    if (asked) return;
    asked = true;
    import("./player").then(
      ({ furnish }) => furnish(box, media, button, freshness),
      () => plainly(button, media),
    );
  };
  whenNear(box, bring);
  media.addEventListener("play", bring, { once: true });
  if (!media.paused) bring();
}
