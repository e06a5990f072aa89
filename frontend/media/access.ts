/**
 * An open page whose access was revoked, has ended or whose item was deleted is told within seconds:
 * it asks while it is seen, and whenever somebody comes back to it, plays or pauses.
 */

import { api, ProblemError } from "../core/api";
import { announce } from "../core/announce";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";

const EVERY_MS = 15_000;
const GONE = [401, 403, 404, 410];

export function isGone(error: unknown): boolean {
  return error instanceof ProblemError && GONE.includes(error.status);
}

function silence(media: HTMLMediaElement): void {
  media.pause();
  if (document.pictureInPictureElement === media) void document.exitPictureInPicture().catch(() => undefined);
  if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
  for (const track of media.querySelectorAll("track")) track.remove();
  media.removeAttribute("src");
  media.load();
}

/** What stands in the stage's place from now on. */
function farewell(): HTMLElement {
  const told = document.createElement("div");
  told.className = "stage over stack tight";
  told.tabIndex = -1;
  const title = document.createElement("h2");
  title.textContent = word("access_over");
  const advice = document.createElement("p");
  advice.textContent = word("access_over_advice");
  told.append(title, advice);
  return told;
}

export class AccessWatch {
  private running = false;
  private again = false;
  private over = false;
  private timer = 0;

  constructor(
    private readonly page: HTMLElement,
    private readonly stage: HTMLElement,
  ) {}

  start(media: HTMLMediaElement | null): void {
    const ask = (): void => void this.ask();
    this.timer = window.setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    window.addEventListener("pageshow", (event) => event.persisted && ask());
    for (const moment of ["play", "pause"]) media?.addEventListener(moment, ask);
  }

  private async ask(): Promise<void> {
    if (this.over || document.visibilityState !== "visible") return;
    this.again = this.running;
    if (this.running) return;
    this.running = true;
    try {
      await api("GET", `media/${this.page.dataset["media"]}/state`);
    } catch (error) {
      if (isGone(error)) this.end();
    } finally {
      this.running = false;
    }
    if (this.again) void this.ask();
  }

  /** Stops the player and takes the media away; a guest's page then asks the server to say why. */
  end(): void {
    if (this.over) return;
    this.over = true;
    clearInterval(this.timer);
    for (const media of this.stage.querySelectorAll<HTMLMediaElement>("video, audio")) silence(media);
    for (const beside of this.page.querySelectorAll(".sound-words, .stage-note, [data-problem], .media-tools a")) beside.remove();
    this.stage.replaceWith(farewell());
    announce(word("access_over"));
    resizeFrame();
    if ("guest" in this.page.dataset) location.reload();
  }
}
