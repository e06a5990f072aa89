/** The film player, fetched when the page has come to rest. */

import "./player-flags";
import videojs from "video.js/core";
import type { Change, Freshness } from "./freshness";

function styled(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = address;
    link.onload = () => resolve();
    link.onerror = () => reject(new Error("style"));
    document.head.append(link);
  });
}

/** The player's buttons in the page's language; in English where their words cannot be had. */
async function speak(language: string, address: string): Promise<void> {
  if (!address) return;
  try {
    const words = await (await fetch(address)).json();
    videojs.addLanguage(language, words as Record<string, string>);
  } catch {
    // The film plays all the same.
  }
}

/** Gives the film our controls; keeps the browser's own when it has been started meanwhile. */
export async function furnish(
  box: HTMLElement,
  film: HTMLVideoElement,
  freshness: Freshness,
): Promise<void> {
  const { lang } = document.documentElement;
  const { playerStyle = "", playerWords = "" } = box.dataset;
  await Promise.all([styled(playerStyle), speak(lang, playerWords)]);
  if (!film.paused || film.currentTime > 0) return;
  const label = film.getAttribute("aria-label") ?? "";
  film.classList.add("video-js");
  const player = videojs(film, {
    controls: true,
    fill: true,
    preload: "metadata",
    playbackRates: [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
    experimentalSvgIcons: true,
    userActions: { hotkeys: true },
    language: lang,
    sources: [{ src: film.getAttribute("src") ?? "", type: film.dataset["type"] ?? "" }],
  });
  player.el().setAttribute("aria-label", label);
  const change: Change = ({ original, content_type }, position, playing) => {
    player.error(undefined);
    player.src({ src: original, type: content_type });
    player.one("loadedmetadata", () => player.currentTime(position));
    if (playing) void player.play()?.catch(() => undefined);
  };
  freshness.useChange(change);
}
