/** Where the text stands on a page, and how high its letters are. */

import type { PageViewport } from "pdfjs-dist";

interface Item {
  str?: string;
  transform?: number[];
  width?: number;
  height?: number;
}

export interface Column {
  /** its edges, as parts of the page's width */
  start: number;
  end: number;
  /** height of most letters, in the page's own units */
  letters: number;
}

/** The page's text, or nothing where there is too little of it to tell, or it runs another way. */
export function textColumn({ items }: { items: object[] }, viewport: PageViewport): Column | undefined {
  let start = 1;
  let end = 0;
  const heights: number[] = [];
  for (const { str = "", transform, width = 0, height = 0 } of items as Item[]) {
    if (!transform || !str.trim() || !height) continue;
    const [left, top] = viewport.convertToViewportPoint(transform[4]!, transform[5]!) as [number, number];
    const [right, bottom] = viewport.convertToViewportPoint(transform[4]! + width, transform[5]!) as [number, number];
    if (Math.abs(top - bottom) > 1) return undefined;
    start = Math.min(start, left / viewport.width);
    end = Math.max(end, right / viewport.width);
    heights.push(...new Array<number>(Math.min(str.length, 200)).fill(height));
  }
  if (heights.length < 40 || end - start < 0.2) return undefined;
  heights.sort((one, other) => one - other);
  return { start: Math.max(start, 0), end: Math.min(end, 1), letters: heights[heights.length >> 1]! };
}
