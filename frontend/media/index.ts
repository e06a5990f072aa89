/** The media page: counts the play, keeps addresses fresh, and brings in the heavy parts late. */

import { api } from "../core/api";
import { framed, resizeFrame } from "../core/frame";
import { AccessWatch } from "./access";
import { startCounting } from "./deleting";
import { Freshness } from "./freshness";
import { arrivedAt, type Place } from "./place";
import { startPlaying, whenNear } from "./playing";

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

function startSound(box: HTMLElement, sound: HTMLAudioElement, freshness: Freshness, place: Place): void {
  startPlaying(box, sound, freshness, place);
  if (sound.textTracks.length && box.parentElement) {
    const around = box.parentElement;
    void import("./captions").then(({ showCaptions }) => showCaptions(around, sound, freshness, place.captions));
  }
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
  const mediaId = page.dataset["media"] ?? "";
  const access = new AccessWatch(page, stage);
  const freshness = new Freshness(mediaId, stage, () => access.end());
  const media = stage.querySelector<HTMLMediaElement>("video, audio");
  access.start(media);
  startCounting(mediaId);
  media?.addEventListener("playing", countPlay, { once: true });
  if (media && media.currentTime > 0) countPlay();
  const place = arrivedAt();
  if (media instanceof HTMLAudioElement) startSound(stage, media, freshness, place);
  else if (media) startPlaying(stage, media, freshness, place);
  else countWhenSeen();
  if (stage.dataset["stage"] === "document") {
    const bring = (): void => void import("./reader").then(({ read }) => read(stage, freshness, place.page, countPlay));
    if (savesData() && place.page === 1) whenNear(stage, bring);
    else whenIdle(bring);
  }
  if (framed) document.addEventListener("toggle", resizeFrame, true);
}

start();
