/** Reads a document page by page. Page 1 is a picture from the server until this has loaded. */

import * as pdfjs from "pdfjs-dist";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
import { announce } from "../core/announce";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";
import type { Freshness } from "./freshness";

const MAX_CANVAS_PIXELS = 16_000_000;

class Reader {
  private document: PDFDocumentProxy | undefined;
  private shown = 1;
  private drawing = 0;

  constructor(
    private readonly stage: HTMLElement,
    private readonly freshness: Freshness,
    private readonly onTurn: () => void,
  ) {
    pdfjs.GlobalWorkerOptions.workerSrc = stage.dataset["worker"] ?? "";
  }

  private get pages(): number {
    return Number(this.stage.dataset["pages"]);
  }

  private get sheet(): HTMLElement {
    return this.stage.querySelector<HTMLElement>(".sheet-page")!;
  }

  start(): void {
    for (const button of this.stage.querySelectorAll<HTMLElement>("[data-turn]")) {
      button.addEventListener("click", () => this.turn(Number(button.dataset["turn"])));
    }
    const wider = this.stage.querySelector<HTMLElement>("[data-wider]");
    wider?.addEventListener("click", () => {
      const wide = this.stage.classList.toggle("wide");
      wider.setAttribute("aria-pressed", String(wide));
      resizeFrame();
    });
    this.stage.addEventListener("keydown", (event) => this.onKey(event));
    let width = this.sheet.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(this.sheet.clientWidth - width) < 2) return;
      width = this.sheet.clientWidth;
      void this.show(this.shown, true);
    }).observe(this.sheet);
    void this.show(1, true);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    if (event.key === forward || event.key === "PageDown") this.turn(1);
    else if (event.key === back || event.key === "PageUp") this.turn(-1);
    else if (event.key === "Home") this.turn(1 - this.shown);
    else if (event.key === "End") this.turn(this.pages - this.shown);
    else return;
    event.preventDefault();
  }

  private turn(by: number): void {
    const wanted = Math.min(Math.max(this.shown + by, 1), this.pages);
    if (wanted === this.shown) return;
    this.onTurn();
    void this.show(wanted, false);
  }

  private async open(address: string): Promise<PDFDocumentProxy> {
    const parts = this.stage.dataset["parts"] ?? "";
    return pdfjs.getDocument({
      url: address,
      cMapUrl: `${parts}cmaps/`,
      standardFontDataUrl: `${parts}standard_fonts/`,
      wasmUrl: `${parts}wasm/`,
      enableXfa: false,
    }).promise;
  }

  /** The document; its address may have run out by the time somebody reads on. */
  private async opened(): Promise<PDFDocumentProxy> {
    if (this.document) return this.document;
    const first = this.freshness.over ? undefined : this.stage.dataset["file"];
    const address = first ?? (await this.freshness.renew()).original;
    this.document = await this.open(address);
    return this.document;
  }

  private async page(number: number): Promise<PDFPageProxy> {
    try {
      return await (await this.opened()).getPage(number);
    } catch (problem) {
      if (!this.freshness.mayHelp()) throw problem;
      this.document = await this.open((await this.freshness.renew()).original);
      return this.document.getPage(number);
    }
  }

  private async show(number: number, quiet: boolean): Promise<void> {
    const ticket = ++this.drawing;
    this.shown = number;
    this.tell(quiet);
    try {
      const page = await this.page(number);
      const drawn = await this.draw(page);
      if (ticket === this.drawing) {
        this.sheet.replaceChildren(...drawn);
        resizeFrame();
      }
    } catch {
      if (ticket === this.drawing) this.freshness.complain(word("document_failed"));
    }
  }

  /** The page as a canvas, with its words above it for marking and for reading aloud. */
  private async draw(page: PDFPageProxy): Promise<HTMLElement[]> {
    const natural = page.getViewport({ scale: 1 });
    this.sheet.style.setProperty("--page-ratio", `${natural.width}/${natural.height}`);
    const scale = this.sheet.clientWidth / natural.width;
    const viewport = page.getViewport({ scale });
    const most = Math.sqrt(MAX_CANVAS_PIXELS / (viewport.width * viewport.height));
    const density = Math.min(window.devicePixelRatio || 1, most);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(viewport.width * density);
    canvas.height = Math.round(viewport.height * density);
    canvas.setAttribute("aria-hidden", "true");
    await page.render({
      canvas,
      viewport,
      transform: [density, 0, 0, density, 0, 0],
    }).promise;
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
    return [canvas, words];
  }

  private tell(quiet: boolean): void {
    const counter = this.stage.querySelector<HTMLElement>("[data-counter]");
    if (counter) counter.textContent = word("counter", { page: this.shown, pages: this.pages });
    for (const button of this.stage.querySelectorAll<HTMLElement>("[data-turn]")) {
      const end = Number(button.dataset["turn"]) < 0 ? 1 : this.pages;
      button.setAttribute("aria-disabled", String(this.shown === end));
    }
    if (!quiet) announce(word("page_of", { page: this.shown, pages: this.pages }));
  }
}

/** Takes over a document's stage; `onTurn` is called when somebody reads on. */
export function read(stage: HTMLElement, freshness: Freshness, onTurn: () => void): void {
  new Reader(stage, freshness, onTurn).start();
}
