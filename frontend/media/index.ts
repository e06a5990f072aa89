/** The media page: counts the play, keeps addresses fresh, and brings in the heavy parts late. */

import { api } from "../core/api";
import { framed, resizeFrame } from "../core/frame";
import { Freshness } from "./freshness";

interface Counted {
  plays: number;
  counted: boolean;
  label: string;
}

const page = document.querySelector<HTMLElement>("[data-media]");
const stage = document.querySelector<HTMLElement>("[data-stage]");

let reported = false;

/** One play a viewing; the server makes sure of that, so a failure here is no matter. */
function countPlay(): void {
  const { media, viewing } = page?.dataset ?? {};
  if (reported || !media || !viewing) return;
  reported = true;
  api<Counted>("POST", `media/${media}/plays`, { viewing_id: viewing }).then(
    (answer) => {
      const place = document.querySelector("[data-plays]");
      if (place) place.textContent = answer.label;
    },
    () => (reported = false),
  );
}

function whenIdle(work: () => void): void {
  const start = (): void => {
    if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: 4000 });
    else setTimeout(work, 1200);
  };
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start, { once: true });
}

function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData ?? false;
}

function startMedia(media: HTMLMediaElement, freshness: Freshness): void {
  media.addEventListener("playing", countPlay, { once: true });
  if (!media.paused) countPlay();
  freshness.guard(media);
}

function startFilm(box: HTMLElement, freshness: Freshness): void {
  const film = box.querySelector("video");
  if (!film) return;
  startMedia(film, freshness);
  if (savesData()) return;
  whenIdle(() => {
    // Somebody who has pressed play already keeps the browser's own controls.
    if (!film.paused || film.currentTime > 0) return;
    void import("./player").then(({ furnish }) => furnish(box, film, freshness));
  });
}

function startSound(box: HTMLElement, sound: HTMLAudioElement, freshness: Freshness): void {
  startMedia(sound, freshness);
  if (sound.textTracks.length) {
    void import("./captions").then(({ showCaptions }) => showCaptions(box, sound, freshness));
  }
  whenIdle(() => {
    if (sound.paused) sound.preload = "metadata";
  });
}

/** Documents and pictures count when they have been in sight for a while. */
function countWhenSeen(): void {
  const wait = 4000;
  let timer = 0;
  const look = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = window.setTimeout(countPlay, wait);
  };
  document.addEventListener("visibilitychange", look);
  look();
}

function start(): void {
  if (!page || !stage) return;
  const freshness = new Freshness(page.dataset["media"] ?? "", stage);
  const sound = stage.querySelector("audio");
  if (stage.dataset["stage"] === "video") startFilm(stage, freshness);
  else if (sound) startSound(stage, sound, freshness);
  else countWhenSeen();
  if (stage.dataset["stage"] === "document") {
    whenIdle(() => void import("./reader").then(({ read }) => read(stage, freshness, countPlay)));
  }
  if (framed) document.addEventListener("toggle", resizeFrame, true);
}

start();
