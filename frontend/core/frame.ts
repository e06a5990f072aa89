/** Living in an LMS frame: telling it our height, and knowing which part of us can be seen. */

export const framed = window.parent !== window;

let told = 0;
let waiting = false;

/** Height of everything that shows, also of what lies above the page. */
function wantedHeight(): number {
  let bottom = document.body.getBoundingClientRect().bottom;
  for (const over of document.querySelectorAll("dialog[open], [role=menu]:not([hidden])")) {
    // What is longer than the screen scrolls inside itself.
    const height = Math.min(over.scrollHeight, Math.max(screen.availHeight, 720));
    bottom = Math.max(bottom, over.getBoundingClientRect().top + height + 24);
  }
  return Math.ceil(bottom + window.scrollY);
}

/** Asks the LMS for room. The message must be a string: Canvas and Sakai parse it. */
export function resizeFrame(): void {
  if (!framed || waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const height = wantedHeight();
    if (height === told || height < 1) return;
    told = height;
    window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height }), "*");
  });
}

export interface Slice {
  top: number;
  bottom: number;
}

/**
 * The part of this document's viewport that can really be seen. In a frame made as tall
 * as its page, that is a slice only the browser knows; it tells intersection observers.
 */
export function visibleSlice(): Promise<Slice> {
  const whole = { top: 0, bottom: window.innerHeight };
  if (!framed) return Promise.resolve(whole);
  return new Promise((resolve) => {
    const observer = new IntersectionObserver(([entry]) => finish(entry?.intersectionRect));
    const timer = setTimeout(finish, 150);
    function finish(seen?: DOMRectReadOnly): void {
      clearTimeout(timer);
      observer.disconnect();
      const top = Math.max(seen?.top ?? 0, 0);
      const bottom = Math.min(seen?.bottom ?? whole.bottom, whole.bottom);
      resolve(bottom - top > 120 ? { top, bottom } : whole);
    }
    observer.observe(document.documentElement);
  });
}

const FIFTY_STEPS = Array.from({ length: 51 }, (_, step) => step / 50);

/** Tells, whenever the reader scrolls the LMS's page, which part of this document is seen then. */
export function whenSeen(tell: (slice: Slice) => void): void {
  const observer = new IntersectionObserver(
    ([entry]) => {
      if (entry) tell({ top: entry.intersectionRect.top, bottom: entry.intersectionRect.bottom });
    },
    { threshold: FIFTY_STEPS },
  );
  observer.observe(document.documentElement);
}

export function startFrame(): void {
  if (!framed) return;
  document.documentElement.dataset["framed"] = "";
  const observer = new ResizeObserver(resizeFrame);
  observer.observe(document.body);
  resizeFrame();
}
