/**
 * Adding media: the file is sent while the rest is typed, in pieces that survive a lost connection
 * and even a reload (choose the same file again and it goes on where it stopped).
 */

import { DefaultHttpStack, DetailedError, Upload, type HttpRequest, type PreviousUpload } from "tus-js-client";
import { announce } from "../core/announce";
import { api, ProblemError } from "../core/api";
import { goTo } from "../core/cookieless";
import { fill, onSubmit, showErrors } from "../core/form";
import { resizeFrame } from "../core/frame";
import { ownHeaders, url } from "../core/url";
import { word } from "../core/messages";
import { Pace } from "./pace";

/** Files that are refused whatever is in them, by the endings of their names, and why. */
interface EarlyRefusal {
  endings: string[];
  sentence: string;
}

interface Finished {
  media_id: string;
  address: string;
}

const RETRIES_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000];
/** As much as the web server takes in at once; see deploy/nginx.conf. */
const PIECE_BYTES = 8 << 20;
/** How often an upload that has arrived asks whether it is its turn to be looked into. */
const TURNS = 60;

/** Somebody chose another file: the promise of this one ends without a word. */
class Cancelled extends Error {}

/** An upload's address names no session, since it may go on in a later one: each request does. */
class InThisSession extends DefaultHttpStack {
  override createRequest(method: string, address: string): HttpRequest {
    return super.createRequest(method, url(address));
  }
}

class Sending {
  private upload: Upload | undefined;
  private arrived: Promise<string> | undefined;
  private giveUp: ((why: Cancelled) => void) | undefined;
  private file: File | undefined;
  private pace = new Pace();
  private readonly input: HTMLInputElement;
  private readonly box: HTMLElement;
  private readonly bar: HTMLProgressElement;
  private finished = false;
  private readonly refusals = readRefusals();

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector<HTMLInputElement>("input[type=file]")!;
    this.box = form.querySelector<HTMLElement>("[data-sending-state]")!;
    this.bar = this.box.querySelector("progress")!;
  }

  start(): void {
    this.input.addEventListener("change", () => void this.choose(this.input.files?.[0]));
    this.box.querySelector("[data-cancel]")?.addEventListener("click", () => void this.cancel());
    this.box.querySelector("[data-retry]")?.addEventListener("click", () => this.retry());
    this.watchDropping();
    window.addEventListener("beforeunload", (event) => {
      if (this.upload && !this.finished) event.preventDefault();
    });
    window.addEventListener("offline", () => this.upload && this.say(word("upload_waiting")));
    onSubmit(this.form, (values) => this.submit(values));
    // The file is required, but not as one of the form's own values once it is on its way.
    void this.choose(this.input.files?.[0]);
  }

  private watchDropping(): void {
    const zone = this.form.querySelector<HTMLElement>("[data-drop]");
    zone?.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone?.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone?.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      void this.choose(event.dataTransfer?.files[0]);
    });
  }

  /** What can be told before a byte is sent: by the name, unless an MP4 only goes by a wrong one. */
  private async complaint(file: File): Promise<string> {
    const limit = Number(this.form.dataset["limit"]);
    if (!file.size) return word("upload_empty");
    if (file.size > limit) return word("upload_too_large", { limit: readable(limit) });
    const ending = endingOf(file.name);
    const told = this.refusals.find(({ endings }) => endings.includes(ending))?.sentence;
    return told && !(await isFilm(file)) ? told : "";
  }

  private async choose(file: File | undefined): Promise<void> {
    if (!file) return;
    showErrors(this.form, []);
    const wrong = await this.complaint(file);
    const place = this.form.querySelector<HTMLElement>("#field-file-error");
    if (place) place.textContent = wrong;
    this.input.toggleAttribute("aria-invalid", false);
    if (wrong) {
      this.input.value = "";
      this.input.setAttribute("aria-invalid", "true");
      announce(wrong);
      return;
    }
    this.suggestTitle(file.name);
    this.send(file);
  }

  private suggestTitle(name: string): void {
    const title = this.form.elements.namedItem("title");
    if (title instanceof HTMLInputElement && !title.value.trim()) {
      fill(title, this.stem(name).replaceAll("_", " ").slice(0, title.maxLength));
    }
  }

  /** The name without its ending; in "Week 3. Introduction" the dot belongs to the title. */
  private stem(name: string): string {
    const ending = endingOf(name);
    const known =
      this.input.accept.split(",").includes(`.${ending}`) ||
      this.refusals.some(({ endings }) => endings.includes(ending));
    return known && name.length > ending.length + 1 ? name.slice(0, -ending.length - 1) : name;
  }

  private send(file: File): void {
    this.file = file;
    this.pace = new Pace();
    this.show(true);
    const name = this.box.querySelector("[data-name]");
    if (name) name.textContent = file.name;
    this.arrived = new Promise((resolve, reject) => {
      this.giveUp = reject;
      const upload = new Upload(file, {
        endpoint: url(this.form.dataset["endpoint"] ?? ""),
        headers: ownHeaders(),
        httpStack: new InThisSession({}),
        retryDelays: RETRIES_MS,
        chunkSize: PIECE_BYTES,
        metadata: { filename: file.name },
        storeFingerprintForResuming: true,
        removeFingerprintOnSuccess: true,
        onProgress: (sent, total) => this.progress(sent, total),
        onSuccess: () => {
          this.bar.value = 100;
          this.say(word("upload_arrived"));
          announce(word("upload_arrived"));
          resolve(upload.url ?? "");
        },
        onError: (problem) => reject(this.stopped(problem)),
      });
      this.upload = upload;
      void this.resume(upload);
    });
    // Submitting waits for it and shows the error; nothing else has to.
    this.arrived.catch(() => undefined);
  }

  private async resume(upload: Upload): Promise<void> {
    let earlier: PreviousUpload[] = [];
    try {
      earlier = await upload.findPreviousUploads();
    } catch {
      // A browser that refuses storage in frames simply begins anew.
    }
    const last = earlier[0];
    if (last) {
      upload.resumeFromPreviousUpload(last);
      this.say(word("upload_resumed"));
    }
    upload.start();
  }

  private retry(): void {
    this.box.querySelector<HTMLElement>("[data-retry]")!.hidden = true;
    if (this.file) this.send(this.file);
  }

  /** Says why it goes no further, and offers to try again where that can help. */
  private stopped(problem: Error | DetailedError): ProblemError {
    const status = (problem instanceof DetailedError && problem.originalResponse?.getStatus()) || 0;
    const lost = status === 401 || status === 404;
    const told = lost
      ? new ProblemError(status, word("session_lost"), word("session_lost_return"))
      : new ProblemError(0, word("upload_stopped"), "");
    this.say(told.message);
    announce(told.message);
    this.box.querySelector<HTMLElement>("[data-retry]")!.hidden = lost;
    resizeFrame();
    return told;
  }

  private progress(sent: number, total: number): void {
    this.bar.value = total ? Math.floor((sent / total) * 100) : 0;
    const left = this.pace.left(sent, total);
    const name = left === undefined ? "upload_sending" : left < 60 ? "upload_soon" : "upload_left";
    this.say(word(name, { sent: readable(sent), total: readable(total), time: duration(left ?? 0) }));
  }

  private say(sentence: string): void {
    const place = this.box.querySelector("[data-state]");
    if (place && place.textContent !== sentence) place.textContent = sentence;
  }

  private show(sending: boolean): void {
    this.box.hidden = !sending;
    this.form.querySelector<HTMLElement>("[data-drop]")!.hidden = sending;
    this.input.required = !sending;
    this.bar.value = 0;
    this.box.querySelector<HTMLElement>("[data-retry]")!.hidden = true;
    resizeFrame();
  }

  private forget(): void {
    this.upload = undefined;
    this.arrived = undefined;
    this.file = undefined;
    this.input.value = "";
    this.show(false);
  }

  private async cancel(): Promise<void> {
    const upload = this.upload;
    this.giveUp?.(new Cancelled());
    this.forget();
    this.input.focus();
    try {
      await upload?.abort(true);
    } catch {
      // The server forgets an upload that nobody goes on with by itself.
    }
  }

  private async submit(values: FormData): Promise<void> {
    if (!this.arrived) return;
    let address: string;
    try {
      address = await this.arrived;
    } catch (why) {
      if (why instanceof Cancelled) return;
      throw why;
    }
    const id = new URL(address, location.origin).pathname.split("/").pop() ?? "";
    // From here on the item comes into being: there is nothing to cancel any more.
    const cancel = this.box.querySelector<HTMLElement>("[data-cancel]")!;
    cancel.hidden = true;
    try {
      const made = await this.finish(id, values);
      this.finished = true;
      await goTo(withPicked(made.address));
    } catch (problem) {
      // The server has looked into the file and does not take it: another one is needed.
      if (problem instanceof ProblemError && problem.errors.some(({ field }) => field === "file")) {
        this.forget();
      }
      cancel.hidden = false;
      throw problem;
    }
  }

  /** The server looks into few files at once; until it is this one's turn, it is asked again. */
  private async finish(id: string, values: FormData): Promise<Finished> {
    this.say(word("upload_examining"));
    announce(word("upload_examining"));
    for (let turn = 1; ; turn += 1) {
      try {
        return await api<Finished>("POST", `uploads/${id}/finish`, {
          title: String(values.get("title") ?? ""),
          description: String(values.get("description") ?? ""),
        });
      } catch (problem) {
        const busy = problem instanceof ProblemError && problem.slug === "busy";
        if (!busy || turn === TURNS) throw problem;
        this.say(word("upload_turn"));
        await new Promise((done) => setTimeout(done, 1000 * problem.retryAfter));
      }
    }
  }
}

/** As an MP4 begins (ISO/IEC 14496-12 §4.3); pictures of phones and raws begin so too. */
async function isFilm(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(4, 12).arrayBuffer());
  return /^ftyp(?!he[iv]|mif|msf|crx|avi)/.test(String.fromCharCode(...head));
}

function endingOf(name: string): string {
  return name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "";
}

function readRefusals(): EarlyRefusal[] {
  const told = document.querySelector("script[data-early-refusals]")?.textContent;
  return told ? (JSON.parse(told) as EarlyRefusal[]) : [];
}

/** What was picked before adding stands in this page's address, and goes on to the next one. */
function withPicked(made: string): string {
  const address = new URL(made, location.origin);
  for (const id of new URLSearchParams(location.search).getAll("picked")) {
    if (!address.searchParams.getAll("picked").includes(id)) address.searchParams.append("picked", id);
  }
  return address.href;
}

/** A size in the page's language: 320 kB, 64 MB, 4,3 GB. */
function readable(bytes: number): string {
  if (bytes >= 1_000_000_000) return measured(bytes / 1_000_000_000, "gigabyte", "short", 1);
  if (bytes >= 1_000_000) return measured(bytes / 1_000_000, "megabyte", "short");
  return measured(bytes / 1000, "kilobyte", "short");
}

/** A time in the page's language, as people say it: 3 minutes, 2 hours. */
function duration(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? measured(minutes, "minute", "long") : measured(Math.round(minutes / 60), "hour", "long");
}

function measured(amount: number, unit: string, unitDisplay: "short" | "long", digits = 0): string {
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    unitDisplay,
    maximumFractionDigits: digits,
    roundingMode: "floor",
  } as Intl.NumberFormatOptions).format(amount);
}

const form = document.querySelector<HTMLFormElement>("form[data-upload]");
if (form) new Sending(form).start();
