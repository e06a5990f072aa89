/**
 * Addresses of files run out after some minutes. Whoever plays on gets fresh ones, at the same
 * position and without a word.
 */

import { api } from "../core/api";
import { announce } from "../core/announce";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";
import { isGone } from "./access";

export interface Addresses {
  seconds: number;
  original: string;
  content_type: string;
  captions: { address: string }[];
}

/** Puts an address into a player and goes on there: how, depends on the player. */
export type Change = (addresses: Addresses, position: number, playing: boolean) => void;

const EARLY_MS = 5000;
const AGAIN_AFTER_MS = 10_000;

export class Freshness {
  private endsAt: number;
  private lastTry = -Infinity;
  private running: Promise<Addresses> | undefined;
  private change: Change | undefined;

  constructor(
    private readonly mediaId: string,
    private readonly stage: HTMLElement,
    private readonly onGone: () => void,
  ) {
    const holder = stage.dataset["seconds"] ? stage : stage.querySelector<HTMLElement>("[data-seconds]");
    this.endsAt = Date.now() + Number(holder?.dataset["seconds"] ?? 0) * 1000;
  }

  /** By a clock that runs on while a laptop sleeps. */
  get over(): boolean {
    return Date.now() > this.endsAt - EARLY_MS;
  }

  /** Fresh addresses; calls at the same time share one request. */
  renew(): Promise<Addresses> {
    this.running ??= api<Addresses>("GET", `media/${this.mediaId}/files`)
      .then((found) => {
        this.endsAt = Date.now() + found.seconds * 1000;
        return found;
      })
      .catch((error: unknown) => {
        if (isGone(error)) this.onGone();
        throw error;
      })
      .finally(() => (this.running = undefined));
    return this.running;
  }

  /** True when a failure may be due to an address that ran out, and it is worth asking again. */
  mayHelp(): boolean {
    const now = performance.now();
    if (now - this.lastTry < AGAIN_AFTER_MS) return false;
    this.lastTry = now;
    return true;
  }

  /** From now on new addresses go in like this. */
  useChange(change: Change): void {
    this.change = change;
  }

  /**
   * Watches a media element and gives it a new address when its own has run out. Where that does not
   * help, `onStuck` gets what tries it once more; and so does a line that comes back. `wanted` is
   * where it is to play, in seconds.
   */
  guard(media: HTMLMediaElement, onStuck: (retry: () => void) => void, wanted = 0): void {
    this.change ??= plainly(media);
    let playing = false;
    let stuck = false;
    const remember = (): void => {
      // While an address is replaced the element stands at its beginning.
      if (media.error || !media.readyState) return;
      wanted = media.currentTime;
      playing = !media.paused;
    };
    for (const moment of ["timeupdate", "pause", "seeking"]) media.addEventListener(moment, remember);
    media.addEventListener("play", () => (playing = true));
    media.addEventListener("playing", () => this.settle());
    const goOn = (): void => {
      stuck = false;
      this.renew().then((found) => this.change?.(found, wanted, playing), fail);
    };
    const fail = (): void => {
      stuck = true;
      this.complain();
      onStuck(() => {
        playing = true;
        goOn();
      });
    };
    const lost = (): void => (this.mayHelp() ? goOn() : fail());
    media.addEventListener("seeking", () => {
      if (this.over && this.mayHelp()) goOn();
    });
    // A new address would bring back the ordinary speed.
    media.addEventListener("ratechange", () => (media.defaultPlaybackRate = media.playbackRate));
    media.addEventListener("error", lost);
    window.addEventListener("online", () => stuck && goOn());
    if (media.error) lost();
  }

  complain(sentence = word("media_lost")): void {
    const place = this.complaint;
    if (place) {
      place.textContent = sentence;
      place.hidden = false;
    } else announce(sentence);
    resizeFrame();
  }

  /** It goes on. */
  settle(): void {
    if (this.complaint) this.complaint.hidden = true;
  }

  private get complaint(): HTMLElement | null | undefined {
    return this.stage.parentElement?.querySelector<HTMLElement>("[data-problem]");
  }
}

function plainly(media: HTMLMediaElement): Change {
  return ({ original }, position, playing) => {
    media.preload = "metadata";
    media.src = original;
    media.addEventListener("loadedmetadata", () => (media.currentTime = position), { once: true });
    media.load();
    if (playing) void media.play().catch(() => undefined);
  };
}
