/** Over how long the pace is taken: the network of now counts, not that of the beginning. */
const WINDOW_MS = 15_000;
/** Before that nobody can tell. */
const ENOUGH_MS = 2000;

/** How fast an upload goes, and so how long it still takes. */
export class Pace {
  private marks: { at: number; sent: number }[] = [];

  /** Seconds until all is sent, if that can be told yet. */
  left(sent: number, total: number, at = Date.now()): number | undefined {
    // What a lost connection did not bring is sent again.
    if (sent < (this.marks.at(-1)?.sent ?? 0)) this.marks = [];
    this.marks.push({ at, sent });
    while (this.marks.length > 2 && at - this.marks[1]!.at >= WINDOW_MS) this.marks.shift();
    const first = this.marks[0]!;
    const took = at - first.at;
    const went = sent - first.sent;
    return took < ENOUGH_MS || !went ? undefined : ((total - sent) * took) / went / 1000;
  }
}
