/** The links of a document's page: to other places of it, and out into the web. */

import type { PDFDocumentProxy, PDFPageProxy, PageViewport } from "pdfjs-dist";
import { word } from "../core/messages";

/** What pdf.js tells of an annotation that is a link. */
interface Link {
  subtype: string;
  rect: number[];
  url?: string;
  dest?: string | unknown[];
  action?: string;
  overlaidText?: string;
}

/** A place in a document: a page, and how far down on it, from 0 to 1. */
export interface Spot {
  page: number;
  down: number;
}

/** Where a destination of each kind says how high it lies on its page. */
const TOP_AT: Record<string, number> = { XYZ: 3, FitH: 2, FitBH: 2, FitR: 5 };

const OUTWARD = ["http:", "https:", "mailto:"];

function outward(address: string | undefined): string {
  try {
    const { protocol, href } = new URL(address ?? "");
    return OUTWARD.includes(protocol) ? href : "";
  } catch {
    return "";
  }
}

async function pageOf(document: PDFDocumentProxy, target: unknown): Promise<number> {
  if (typeof target === "number") return target + 1;
  if (typeof target !== "object" || target === null) return 0;
  return (await document.getPageIndex(target as Parameters<PDFDocumentProxy["getPageIndex"]>[0])) + 1;
}

/** How far down on its page a destination lies; its top where it does not say so, or nonsense. */
async function downOn(document: PDFDocumentProxy, page: number, dest: unknown[]): Promise<number> {
  const height = dest[TOP_AT[(dest[1] as { name?: string } | null)?.name ?? ""] ?? -1];
  if (typeof height !== "number" || page < 1 || page > document.numPages) return 0;
  const viewport = (await document.getPage(page)).getViewport({ scale: 1 });
  const [, y] = viewport.convertToViewportPoint(0, height) as [number, number];
  const down = y / viewport.height;
  return down > 0 && down < 1 ? down : 0;
}

async function spotOf(document: PDFDocumentProxy, dest: Link["dest"]): Promise<Spot> {
  const found = (typeof dest === "string" ? await document.getDestination(dest) : dest) ?? [];
  const page = await pageOf(document, found[0]);
  return { page, down: await downOn(document, page, found) };
}

function named(action: string, shown: number, pages: number): number {
  const wanted: Record<string, number> = { FirstPage: 1, LastPage: pages, NextPage: shown + 1, PrevPage: shown - 1 };
  return wanted[action] ?? 0;
}

function over(link: Link, viewport: PageViewport): HTMLAnchorElement {
  const anchor = document.createElement("a");
  const [left, low, right, high] = link.rect as [number, number, number, number];
  const [x1, y1] = viewport.convertToViewportPoint(left, low) as [number, number];
  const [x2, y2] = viewport.convertToViewportPoint(right, high) as [number, number];
  const { width, height } = viewport;
  const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;
  Object.assign(anchor.style, {
    left: percent(Math.min(x1, x2), width),
    top: percent(Math.min(y1, y2), height),
    width: percent(Math.abs(x2 - x1), width),
    height: percent(Math.abs(y2 - y1), height),
  });
  return anchor;
}

/** Where a link inside the document leads: found at the press, as it may mean to read half of the file. */
async function target(document: PDFDocumentProxy, link: Link, shown: number): Promise<Spot | undefined> {
  const { numPages } = document;
  const spot = link.action
    ? { page: named(link.action, shown, numPages), down: 0 }
    : await spotOf(document, link.dest).catch(() => undefined);
  return spot && spot.page >= 1 && spot.page <= numPages ? spot : undefined;
}

/** The page's links as elements above it; `go` leads to a place of the document. */
export async function linksOf(
  opened: PDFDocumentProxy,
  page: PDFPageProxy,
  viewport: PageViewport,
  go: (spot: Spot) => void,
): Promise<HTMLElement> {
  const layer = document.createElement("div");
  layer.className = "links-layer";
  const found = (await page.getAnnotations({ intent: "display" })) as Link[];
  for (const link of found) {
    if (link.subtype !== "Link") continue;
    const address = outward(link.url);
    const words = link.overlaidText?.trim() ?? "";
    const anchor = over(link, viewport);
    if (address) {
      anchor.href = address;
      anchor.target = "_blank";
      anchor.rel = "noopener noreferrer";
      anchor.title = address;
      anchor.setAttribute("aria-label", words || address);
    } else if (link.dest || link.action) {
      anchor.href = "#";
      anchor.setAttribute("aria-label", words || word("page_linked"));
      anchor.addEventListener("click", (event) => {
        event.preventDefault();
        void target(opened, link, page.pageNumber).then((found) => found && go(found));
      });
    } else continue;
    layer.append(anchor);
  }
  return layer;
}
