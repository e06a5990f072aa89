/** The player of films and sounds, fetched when somebody comes near. */

import "./player-flags";
import videojs from "video.js/core";
import type { Change, Freshness } from "./freshness";
import { keepCaptions, renewCaptions } from "./player_captions";
import { explainFullScreen } from "./full_screen";
import { showChosen } from "./player_menus";

type Player = ReturnType<typeof videojs>;

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP_SECONDS = 5;
const STEP_LOUDNESS = 0.1;

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

/** Lets the browser draw and answer between two pieces of work. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function made(box: HTMLElement, media: HTMLMediaElement, onKey: (event: KeyboardEvent) => void): Player {
  const film = media instanceof HTMLVideoElement;
  return videojs(media, {
    controls: true,
    fill: film,
    preload: "none",
    playbackRates: SPEEDS,
    persistTextTrackSettings: true,
    experimentalSvgIcons: true,
    userActions: { hotkeys: onKey },
    language: document.documentElement.lang,
    // What a sound says stands below it, by captions.ts.
    html5: film ? {} : { nativeTextTracks: true },
    liveTracker: false,
    bigPlayButton: false,
    posterImage: false,
    errorDisplay: false,
    controlBar: {
      liveDisplay: false,
      seekToLive: false,
      fullscreenToggle: film,
      pictureInPictureToggle: film && document.pictureInPictureEnabled,
      ...(film ? {} : { subsCapsButton: false }),
      ...(box.clientWidth < 350 ? { volumePanel: false } : {}),
    },
  });
}

/** A recording that does not say how long it is: the server has measured it. */
function knowLength(player: Player, seconds: number): void {
  if (!seconds) return;
  const correct = (): void => {
    if (player.duration() === Infinity) player.duration(seconds);
  };
  player.on("durationchange", correct);
  correct();
}

/** The arrow keys. The player's sliders and menus keep theirs. */
function onArrow(player: Player, event: KeyboardEvent): boolean {
  if ((event.target as Element).closest("[role=slider], .vjs-menu-button")) return false;
  const at = player.currentTime() ?? 0;
  const loud = player.volume() ?? 1;
  if (event.key === "ArrowLeft") player.currentTime(Math.max(at - STEP_SECONDS, 0));
  else if (event.key === "ArrowRight") player.currentTime(Math.min(at + STEP_SECONDS, player.duration() || 0));
  else if (event.key === "ArrowUp") player.volume(Math.min(loud + STEP_LOUDNESS, 1));
  else if (event.key === "ArrowDown") player.volume(Math.max(loud - STEP_LOUDNESS, 0));
  else return false;
  event.preventDefault();
  return true;
}

/** Tells the player what happened to the element before it came. */
function catchUp(player: Player, media: HTMLMediaElement): void {
  player.playbackRate(media.playbackRate);
  if (media.paused && media.currentTime === 0) return;
  player.hasStarted(true);
  if (media.paused) return;
  const tech = player.tech(true) as unknown as { trigger(event: string): void };
  tech.trigger("play");
  if (media.readyState > HTMLMediaElement.HAVE_CURRENT_DATA) tech.trigger("playing");
}

/** Our button goes as soon as the film has begun, but not from under a finger. */
function giveWay(player: Player, button: HTMLButtonElement): void {
  const leave = (): void => {
    if (button.matches(":active")) {
      setTimeout(leave, 100);
      return;
    }
    const focused = document.activeElement === button;
    button.hidden = true;
    if (focused) player.el().querySelector<HTMLElement>(".vjs-play-control")?.focus();
  };
  if (player.hasClass("vjs-has-started")) leave();
  else player.one("play", leave);
}

/** Gives the film or sound our controls, whether it plays already or not. */
export async function furnish(
  box: HTMLElement,
  media: HTMLMediaElement,
  button: HTMLButtonElement,
  freshness: Freshness,
  captions: string,
): Promise<void> {
  const { playerStyle = "", playerWords = "", length = "" } = box.dataset;
  await Promise.all([styled(playerStyle).catch(() => undefined), speak(document.documentElement.lang, playerWords)]);
  await breathe();
  const label = media.getAttribute("aria-label") ?? "";
  media.parentElement?.classList.add("video-js");
  const player = made(box, media, (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || onArrow(player, event)) return;
    if (event.key.toLowerCase() === "f" && enlarge) enlarge();
    else (player as unknown as { handleHotkeys(event: KeyboardEvent): void }).handleHotkeys(event);
  });
  player.el().setAttribute("aria-label", label);
  player.ready(() => {
    catchUp(player, media);
    knowLength(player, Number(length));
    giveWay(player, button);
  });
  showChosen(player.el());
  if (media instanceof HTMLVideoElement) keepCaptions(player, captions);
  const enlarge = media instanceof HTMLVideoElement ? explainFullScreen(box, player, media) : undefined;
  const change: Change = ({ original, content_type, captions: fresh }, position, playing) => {
    player.error(undefined);
    // Paused, too, it must be fetched anew to stand where it stood; and its controls stay.
    player.preload("metadata");
    player.one("loadstart", () => player.hasStarted(true));
    player.src({ src: original, type: content_type });
    if (media instanceof HTMLVideoElement) renewCaptions(player, fresh);
    player.one("loadedmetadata", () => player.currentTime(position));
    if (playing) void player.play()?.catch(() => undefined);
  };
  freshness.useChange(change);
}
