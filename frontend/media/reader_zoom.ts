/** How large a page of a document is drawn: by buttons, keys, two fingers, or the wheel with Ctrl. */

export const LEAST = 0.5;
const MOST = 5;
const STEP = 1.25;
/** A line of a document on a phone is about as wide as its screen; smaller letters nobody can read. */
const READABLE_PX = 8.5;
const MOST_AT_FIRST = 1.7;

interface Point {
  x: number;
  y: number;
}

export class Zoom {
  private factor = 1;
  private touched = false;

  constructor(
    private readonly holder: HTMLElement,
    private readonly sheet: HTMLElement,
    private readonly onChange: () => void,
  ) {
    holder.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    holder.addEventListener("touchstart", (event) => this.onTouch(event), { passive: false });
    holder.addEventListener("pointerdown", () => (this.touched = true), { once: true });
  }

  get value(): number {
    return this.factor;
  }

  in(): void {
    this.to(this.factor * STEP);
  }

  out(): void {
    this.to(this.factor / STEP);
  }

  reset(): void {
    this.to(1);
  }

  /** Changes the size around a point that stays where it is; the middle unless given. */
  to(wanted: number, around = this.middle()): void {
    this.touched = true;
    this.set(wanted, around);
  }

  /**
   * On a narrow screen the margins are left out of sight where the letters would be too small:
   * `column` is where the text stands on the page (0 to 1), `letters` how high they are now.
   */
  fit(column: { start: number; end: number }, letters: number): void {
    if (this.touched || letters >= READABLE_PX) return;
    const wanted = Math.min(0.97 / (column.end - column.start), READABLE_PX / letters, MOST_AT_FIRST);
    if (wanted < 1.04) return;
    this.set(wanted, { x: this.holder.getBoundingClientRect().left, y: 0 });
    const edge = this.holder.getBoundingClientRect().left;
    const page = this.sheet.getBoundingClientRect();
    this.holder.scrollLeft += page.left + column.start * page.width - edge - 0.015 * page.width;
  }

  private set(wanted: number, around: Point): void {
    const factor = Math.min(Math.max(wanted, LEAST), MOST);
    // Steps lead back to exactly the beginning.
    this.factor = Math.abs(factor - 1) < 0.02 ? 1 : factor;
    const before = this.sheet.getBoundingClientRect();
    const across = (around.x - before.left) / before.width;
    const down = (around.y - before.top) / before.height;
    this.sheet.style.setProperty("--zoom", String(this.factor));
    const after = this.sheet.getBoundingClientRect();
    this.holder.scrollLeft += after.left + across * after.width - around.x;
    this.holder.scrollTop += after.top + down * after.height - around.y;
    this.onChange();
  }

  private middle(): Point {
    const { left, top, width, height } = this.holder.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  /** Two fingers on a touchpad arrive as a wheel with Ctrl. */
  private onWheel(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.to(this.factor * Math.exp(-event.deltaY / 100), { x: event.clientX, y: event.clientY });
  }

  private onTouch(event: TouchEvent): void {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const begun = apart(event.touches);
    const factor = this.factor;
    const move = (moved: TouchEvent): void => {
      if (moved.touches.length !== 2) return;
      moved.preventDefault();
      this.to((factor * apart(moved.touches)) / begun, between(moved.touches));
    };
    const end = (): void => {
      this.holder.removeEventListener("touchmove", move);
      for (const over of ["touchend", "touchcancel"]) this.holder.removeEventListener(over, end);
    };
    this.holder.addEventListener("touchmove", move, { passive: false });
    for (const over of ["touchend", "touchcancel"]) this.holder.addEventListener(over, end);
  }
}

function apart(fingers: TouchList): number {
  const [one, other] = [fingers[0]!, fingers[1]!];
  return Math.max(Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), 1);
}

function between(fingers: TouchList): Point {
  const [one, other] = [fingers[0]!, fingers[1]!];
  return { x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2 };
}
