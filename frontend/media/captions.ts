/** Captions of a sound: the browser's own player has nowhere to show them, so they stand below it. */

import { resizeFrame } from "../core/frame";
import { matching, OFF, rememberCaptions, rememberedCaptions } from "./caption_memory";
import type { Freshness } from "./freshness";

const FAILED = 3;

/** `carried`: a language, "off", or nothing where none was chosen before. */
export function showCaptions(
  stage: HTMLElement,
  sound: HTMLAudioElement,
  freshness: Freshness,
  carried: string,
): void {
  const tracks = [...sound.querySelectorAll("track")];
  const choice = stage.querySelector<HTMLSelectElement>("[data-captions]");
  const place = stage.querySelector<HTMLElement>("[data-cue]");
  if (!choice || !place) return;

  const show = (track: TextTrack): void => {
    const lines = [...(track.activeCues ?? [])].map((cue) => {
      const line = document.createElement("p");
      line.append((cue as VTTCue).getCueAsHTML());
      return line;
    });
    place.replaceChildren(...lines);
    resizeFrame();
  };

  const choose = (): void => {
    place.replaceChildren();
    place.hidden = choice.value === "";
    for (const [number, element] of tracks.entries()) {
      const chosen = String(number) === choice.value;
      // "hidden" is loaded and told, but not drawn by the browser, whose place would be a picture.
      element.track.mode = chosen ? "hidden" : "disabled";
      if (!chosen) continue;
      place.lang = element.srclang;
      show(element.track);
      if (element.readyState === FAILED) renew(number);
    }
    resizeFrame();
  };

  const renew = (number: number): void => {
    if (!freshness.mayHelp()) return;
    void freshness.renew().then(
      ({ captions }) => {
        const fresh = captions[number]?.address;
        if (fresh) tracks[number]!.src = fresh;
      },
      () => undefined,
    );
  };

  for (const [number, element] of tracks.entries()) {
    element.track.addEventListener("cuechange", () => {
      if (String(number) === choice.value) show(element.track);
    });
    element.addEventListener("error", () => renew(number));
  }
  choice.addEventListener("change", () => {
    rememberCaptions(tracks[Number(choice.value || -1)]?.srclang ?? OFF);
    choose();
  });
  // A new address of the sound makes the browser choose its tracks anew.
  sound.addEventListener("loadedmetadata", choose);
  const wanted = carried || rememberedCaptions();
  choice.value = wanted === OFF ? "" : String(preferred(tracks, wanted));
  choose();
}

/** The captions in the reader's first language that there are, else the first. */
function preferred(tracks: HTMLTrackElement[], wanted: string): number {
  const languages = tracks.map(({ srclang }) => srclang);
  const known = [document.documentElement.lang, ...navigator.languages];
  return Math.max(matching(languages, wanted ? [wanted, ...known] : known), 0);
}
