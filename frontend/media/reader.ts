/** Reads a document page by page. Page 1 is a picture from the server until this has loaded. */

import * as pdfjs from "pdfjs-dist";
import type { PDFDocumentProxy, PDFPageProxy, RenderTask } from "pdfjs-dist";
import { announce } from "../core/announce";
import { takeAlong } from "../core/own_tab";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";
import type { Freshness } from "./freshness";
import { linksOf, type Spot } from "./reader_links";
import { pageMeant } from "./reader_number";
import { giveRoom } from "./reader_size";
import { Fetching, Source } from "./reader_source";
import { textColumn } from "./reader_text";
import { LEAST, Zoom } from "./reader_zoom";

const MAX_CANVAS_PIXELS = 16_000_000;
const MAX_CANVAS_SIDE = 16_384;
const SETTLED_MS = 120;
const NARROW_PX = 600;
const DRAWING_MS = 60_000;
const TRIES = 2;

/** A document and where its bytes come from. */
interface Opened {
  pdf: PDFDocumentProxy;
  source: Source;
}

class Reader {
  private opened: Promise<Opened> | undefined;
  private readonly fetching: Fetching;
  private shown = 1;
  private drawing = 0;
  private task: RenderTask | undefined;
  private settling = 0;
  private readonly zoom: Zoom;

  constructor(
    private readonly stage: HTMLElement,
    private readonly freshness: Freshness,
    private readonly onTurn: () => void,
  ) {
    pdfjs.GlobalWorkerOptions.workerSrc = stage.dataset["worker"] ?? "";
    this.fetching = new Fetching(stage.dataset["file"] ?? "", freshness);
    this.zoom = new Zoom(this.holder, this.sheet, () => this.resized());
  }

  private get pages(): number {
    return Number(this.stage.dataset["pages"]);
  }

  private get holder(): HTMLElement {
    return this.stage.querySelector<HTMLElement>(".sheet-holder")!;
  }

  private get sheet(): HTMLElement {
    return this.stage.querySelector<HTMLElement>(".sheet-page")!;
  }

  private get number(): HTMLInputElement | null {
    return this.stage.querySelector<HTMLInputElement>("[data-number]");
  }

  start(page: number): void {
    this.onPress("[data-turn]", (button) => this.turn(Number(button.dataset["turn"])));
    this.onPress("[data-zoom='in']", () => this.zoom.in());
    this.onPress("[data-zoom='out']", () => this.zoom.out());
    this.onPress("[data-zoom='fit']", () => this.zoom.reset());
    this.number?.addEventListener("change", () => void this.typed());
    this.number?.addEventListener("focus", () => this.number?.select());
    this.stage.addEventListener("keydown", (event) => this.onKey(event));
    giveRoom(this.stage);
    let width = this.holder.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(this.holder.clientWidth - width) < 2) return;
      width = this.holder.clientWidth;
      this.resized();
    }).observe(this.holder);
    takeAlong(() => `page=${this.shown}`);
    void this.show(Math.min(page, this.pages), true).then(() => this.fitColumn());
  }

  private onPress(selector: string, act: (button: HTMLElement) => void): void {
    for (const button of this.stage.querySelectorAll<HTMLElement>(selector)) {
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") !== "true") act(button);
      });
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === this.number) return;
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const { key } = event;
    const scrolls = event.target === this.holder && this.holder.scrollWidth > this.holder.clientWidth + 1;
    if (key.startsWith("Arrow") && scrolls) return;
    if (key === forward || key === "PageDown") this.turn(1);
    else if (key === back || key === "PageUp") this.turn(-1);
    else if (key === "Home") this.turn(1 - this.shown);
    else if (key === "End") this.turn(this.pages - this.shown);
    else if (key === "+" || key === "=") this.zoom.in();
    else if (key === "-") this.zoom.out();
    else if (key === "0") this.zoom.reset();
    else return;
    event.preventDefault();
  }

  /** A page number was typed; what is none is put back. */
  private async typed(): Promise<void> {
    const labels = async (): Promise<string[] | null> => (await this.opened)?.pdf.getPageLabels() ?? null;
    const wanted = await pageMeant(this.number?.value ?? "", this.pages, labels).catch(() => undefined);
    if (wanted && wanted !== this.shown) this.turn(wanted - this.shown);
    else this.tell(false);
  }

  private turn(by: number): void {
    const wanted = Math.min(Math.max(this.shown + by, 1), this.pages);
    if (wanted !== this.shown) void this.go({ page: wanted, down: 0 });
  }

  /** To a page, and so far down on it. The size stays as it is. */
  private async go({ page, down }: Spot): Promise<void> {
    if (page !== this.shown) {
      this.onTurn();
      await this.show(page, false);
    }
    if (page === this.shown) this.holder.scrollTop = this.sheet.offsetTop + down * this.sheet.clientHeight;
  }

  /** The page has another size: what is drawn is stretched at once, and drawn anew when it rests. */
  private resized(): void {
    this.tellZoom();
    this.sheet
      .querySelector<HTMLElement>(".words-layer")
      ?.style.setProperty("--total-scale-factor", String(this.sheet.clientWidth / Number(this.sheet.dataset["natural"])));
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => void this.show(this.shown, true), SETTLED_MS);
  }

  private async open(): Promise<Opened> {
    const parts = this.stage.dataset["parts"] ?? "";
    const source = await Source.open(this.fetching);
    const loading = pdfjs.getDocument({
      range: source,
      cMapUrl: `${parts}cmaps/`,
      standardFontDataUrl: `${parts}standard_fonts/`,
      wasmUrl: `${parts}wasm/`,
      enableXfa: false,
      // Of fonts that a document names and does not bring, ours have the right widths.
      useSystemFonts: false,
      // Of 1,500 pages only those are fetched that are read.
      disableAutoFetch: true,
      disableStream: true,
    });
    try {
      return { pdf: await source.orFail(loading.promise, DRAWING_MS), source };
    } catch (problem) {
      void loading.destroy();
      throw problem;
    }
  }

  private async show(number: number, quiet: boolean): Promise<void> {
    const ticket = ++this.drawing;
    this.task?.cancel();
    this.shown = number;
    this.tell(quiet);
    for (let turn = 1; turn <= TRIES; turn += 1) {
      this.opened ??= this.open();
      const opened = this.opened;
      try {
        const drawn = await this.drawn(opened, number, ticket);
        if (ticket !== this.drawing) return;
        this.sheet.replaceChildren(...drawn);
        this.freshness.settle();
        resizeFrame();
        return;
      } catch {
        if (ticket !== this.drawing) return;
        if (this.opened === opened) this.opened = undefined;
        void opened.then(({ pdf }) => pdf.loadingTask.destroy()).catch(() => undefined);
      }
    }
    this.freshness.complain(word("document_failed"));
  }

  /** What stands on a page, unless another one is wanted meanwhile. What never comes is a failure. */
  private async drawn(opened: Promise<Opened>, number: number, ticket: number): Promise<HTMLElement[]> {
    const { pdf, source } = await opened;
    return source.orFail(
      pdf.getPage(number).then((page) => (ticket === this.drawing ? this.draw(pdf, page) : [])),
      DRAWING_MS,
    );
  }

  /** The page as a canvas, with its words above it for marking and reading aloud, and its links. */
  private async draw(pdf: PDFDocumentProxy, page: PDFPageProxy): Promise<HTMLElement[]> {
    const natural = page.getViewport({ scale: 1 });
    this.stage.classList.toggle("lying", natural.width > natural.height);
    this.sheet.style.setProperty("--page-ratio", `${natural.width}/${natural.height}`);
    this.sheet.dataset["natural"] = String(natural.width);
    const scale = this.sheet.clientWidth / natural.width;
    const viewport = page.getViewport({ scale });
    const most = Math.sqrt(MAX_CANVAS_PIXELS / (viewport.width * viewport.height));
    const longest = MAX_CANVAS_SIDE / Math.max(viewport.width, viewport.height);
    const density = Math.min(window.devicePixelRatio || 1, most, longest);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(viewport.width * density);
    canvas.height = Math.round(viewport.height * density);
    canvas.setAttribute("aria-hidden", "true");
    this.task = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
    await this.task.promise;
    const words = document.createElement("div");
    words.className = "words-layer";
    words.style.setProperty("--total-scale-factor", String(scale));
    const layer = new pdfjs.TextLayer({
      textContentSource: page.streamTextContent(),
      container: words,
      viewport,
    });
    await layer.render();
    words.setAttribute("role", "group");
    words.setAttribute("aria-label", word("page_shown", { page: page.pageNumber }));
    const links = await linksOf(pdf, page, viewport, (spot) => void this.go(spot));
    return [canvas, words, links];
  }

  /** On a phone, letters that are too small at first are made larger, up to the width of the text. */
  private async fitColumn(): Promise<void> {
    if (this.holder.clientWidth > NARROW_PX || this.shown !== 1 || !this.opened) return;
    const page = await (await this.opened).pdf.getPage(1);
    const column = textColumn(await page.getTextContent(), page.getViewport({ scale: 1 }));
    const scale = this.sheet.clientWidth / Number(this.sheet.dataset["natural"]);
    if (!column) return;
    // Before somebody reads, what stands below stays where it is.
    if (!this.stage.classList.contains("reading")) this.stage.style.setProperty("--at-first", `${this.holder.clientHeight}px`);
    this.zoom.fit(column, column.letters * scale);
  }

  private tell(quiet: boolean): void {
    // The same page is drawn anew, in another size, while somebody types the number of the next.
    const typing = quiet && document.activeElement === this.number;
    if (this.number && !typing) this.number.value = String(this.shown);
    for (const button of this.stage.querySelectorAll<HTMLElement>("[data-turn]")) {
      const end = Number(button.dataset["turn"]) < 0 ? 1 : this.pages;
      button.setAttribute("aria-disabled", String(this.shown === end));
    }
    if (!quiet) announce(word("page_of", { page: this.shown, pages: this.pages }));
  }

  private tellZoom(): void {
    const shown = this.stage.querySelector<HTMLElement>("[data-zoom='fit'] [data-percent]");
    const { lang } = document.documentElement;
    if (shown) shown.textContent = new Intl.NumberFormat(lang, { style: "percent" }).format(this.zoom.value);
    this.stage.querySelector("[data-zoom='out']")?.setAttribute("aria-disabled", String(this.zoom.value <= LEAST));
  }
}

/** Takes over a document's stage and begins at this page; `onTurn` is called when somebody reads on. */
export function read(stage: HTMLElement, freshness: Freshness, page: number, onTurn: () => void): void {
  new Reader(stage, freshness, onTurn).start(page);
}
