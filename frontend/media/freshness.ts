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
    this.endsAt = performance.now() + Number(holder?.dataset["seconds"] ?? 0) * 1000;
  }

  get over(): boolean {
    return performance.now() > this.endsAt - EARLY_MS;
  }

  /** Fresh addresses; calls at the same time share one request. */
  renew(): Promise<Addresses> {
    this.running ??= api<Addresses>("GET", `media/${this.mediaId}/files`)
      .then((found) => {
        this.endsAt = performance.now() + found.seconds * 1000;
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

  /** Watches a media element and gives it a new address when its own has run out. */
  guard(media: HTMLMediaElement): void {
    this.change ??= plainly(media);
    let wanted = 0;
    let playing = false;
    const remember = (): void => {
      if (media.error) return;
      wanted = media.currentTime;
      playing = !media.paused;
    };
    media.addEventListener("timeupdate", remember);
    media.addEventListener("play", remember);
    media.addEventListener("pause", remember);
    const goOn = (): void => {
      this.renew().then(
        (found) => this.change?.(found, wanted, playing),
        () => this.complain(),
      );
    };
    media.addEventListener("seeking", () => {
      remember();
      if (this.over && this.mayHelp()) goOn();
    });
    media.addEventListener("error", () => (this.mayHelp() ? goOn() : this.complain()));
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
    media.src = original;
    media.addEventListener("loadedmetadata", () => (media.currentTime = position), { once: true });
    media.load();
    if (playing) void media.play().catch(() => undefined);
  };
}
