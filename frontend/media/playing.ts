/**
 * Films and sounds. Before the first tap there are a picture and a light button; the player is fetched
 * when somebody comes near, and takes over the very element that plays by then.
 */

import { rememberedCaptions } from "./caption_memory";
import type { Freshness } from "./freshness";
import { goOnAt, takePlaceAlong, type Place } from "./place";

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

/** Where the film broke off and cannot be had, the button is there again: a tap tries once more. */
function offerAgain(button: HTMLElement, media: HTMLMediaElement, retry: () => void): void {
  // One at a time: the line may come back without a tap, and break off again.
  button.onclick = () => {
    button.onclick = null;
    button.dataset["state"] = "waiting";
    retry();
  };
  button.hidden = false;
  button.dataset["state"] = "paused";
  const over = (): void => {
    button.onclick = null;
    button.hidden = true;
  };
  media.addEventListener("playing", over, { once: true });
}

export function startPlaying(box: HTMLElement, media: HTMLMediaElement, freshness: Freshness, place: Place): void {
  const button = box.querySelector<HTMLButtonElement>("[data-start]");
  if (!button) return;
  freshness.guard(media, (retry) => offerAgain(button, media, retry), place.seconds);
  follow(button, media);
  if (media instanceof HTMLVideoElement) fitPicture(box, media);
  takePlaceAlong(media, rememberedCaptions);
  let asked = false;
  const bring = (): void => {
    if (asked) return;
    asked = true;
    import("./player").then(
      ({ furnish }) => furnish(box, media, button, freshness, place.captions),
      () => plainly(button, media),
    );
  };
  whenNear(box, bring);
  media.addEventListener("play", bring, { once: true });
  if (!media.paused) bring();
  goOnAt(media, place);
}
