/**
 * Where somebody was in a film, a sound or a document, and how they had it play: taken along into a tab
 * of its own, behind the # of its address, which no server sees.
 */

import { takeAlong } from "../core/own_tab";

export interface Place {
  seconds: number;
  page: number;
  speed: number;
  /** their language; "off"; nothing where nothing was chosen */
  captions: string;
  playing: boolean;
}

const SLOWEST = 0.25;
const FASTEST = 4;

function number(found: string | null, least: number, most: number, otherwise: number): number {
  const value = Number(found);
  return found && value >= least && value <= most ? value : otherwise;
}

/** What stands behind the #, which is taken away: a reload shows the page as it is. */
export function arrivedAt(): Place {
  const said = new URLSearchParams(location.hash.slice(1));
  if (said.has("t") || said.has("page")) history.replaceState(history.state, "", location.pathname + location.search);
  return {
    seconds: number(said.get("t"), 0, Number.MAX_SAFE_INTEGER, 0),
    page: number(said.get("page"), 1, Number.MAX_SAFE_INTEGER, 1),
    speed: number(said.get("speed"), SLOWEST, FASTEST, 1),
    captions: said.get("captions") ?? "",
    playing: said.has("playing"),
  };
}

/** The tab goes on where this page was; that does not play beside it. */
export function takePlaceAlong(media: HTMLMediaElement, captions: () => string): void {
  takeAlong(() => {
    // After the end there is nothing to go on with: it begins anew.
    const seconds = media.ended ? 0 : media.currentTime;
    const said = new URLSearchParams({ t: seconds.toFixed(1), speed: String(media.playbackRate) });
    if (captions()) said.set("captions", captions());
    if (!media.paused) said.set("playing", "");
    media.pause();
    return said.toString();
  });
}

/** Begins where the place is, once the film is there: before a tap nothing of it is fetched. */
export function goOnAt(media: HTMLMediaElement, place: Place): void {
  media.defaultPlaybackRate = place.speed;
  media.playbackRate = place.speed;
  const seek = (): void => {
    if (place.seconds) media.currentTime = place.seconds;
  };
  if (media.readyState) seek();
  else media.addEventListener("loadedmetadata", seek, { once: true });
  // Where the browser wants a tap first, the button is there for it.
  if (place.playing) void media.play().catch(() => undefined);
}
