/**
 * A document's bytes, fetched piece by piece as pdf.js asks for them. Its address runs out after some
 * minutes, and pdf.js would go on without the missing piece, or wait for it, and not say so.
 */

import { PDFDataRangeTransport } from "pdfjs-dist";
import type { Freshness } from "./freshness";

const PIECE = 65_536;
const SILENT_MS = 30_000;

interface Piece {
  bytes: Uint8Array;
  /** of the whole file */
  length: number;
}

/** Fetches pieces from an address that is replaced when it has run out. */
export class Fetching {
  constructor(
    private address: string,
    private readonly freshness: Freshness,
  ) {}

  /** The bytes from `begin` up to `end`. Asked once more, at a fresh address, when that fails. */
  async piece(begin: number, end: number, signal: AbortSignal): Promise<Piece> {
    if (!this.freshness.over) {
      try {
        return await this.ask(begin, end, signal);
      } catch {
        signal.throwIfAborted();
      }
    }
    this.address = (await this.freshness.renew()).original;
    return this.ask(begin, end, signal);
  }

  /** However long it takes, as long as something comes. */
  private async ask(begin: number, end: number, signal: AbortSignal): Promise<Piece> {
    const asking = new AbortController();
    const stop = (): void => asking.abort();
    let timer = 0;
    const heard = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(stop, SILENT_MS);
    };
    heard();
    signal.addEventListener("abort", stop);
    try {
      const answer = await fetch(this.address, {
        headers: { Range: `bytes=${begin}-${end - 1}` },
        signal: asking.signal,
      });
      if (!answer.ok || !answer.body) throw new Error(String(answer.status));
      const listening = answer.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(bytes, onward) {
            heard();
            onward.enqueue(bytes);
          },
        }),
      );
      const bytes = new Uint8Array(await new Response(listening).arrayBuffer());
      if (answer.status !== 206) return { bytes: bytes.slice(begin, end), length: bytes.length };
      return { bytes, length: Number(answer.headers.get("Content-Range")?.split("/")[1]) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }
}

/** What pdf.js asks for pieces. */
export class Source extends PDFDataRangeTransport {
  private readonly ending = new AbortController();
  private awaited = 0;
  private fail!: (problem: unknown) => void;
  private readonly failing = new Promise<never>((_, reject) => (this.fail = reject));

  private constructor(
    private readonly fetching: Fetching,
    first: Piece,
  ) {
    super(first.length, first.bytes, first.bytes.length === first.length);
    this.failing.catch(() => undefined);
  }

  static async open(fetching: Fetching): Promise<Source> {
    return new Source(fetching, await fetching.piece(0, PIECE, new AbortController().signal));
  }

  /** The same result, or a failure: when a piece cannot be had, or nothing came of what was. */
  async orFail<T>(result: Promise<T>, within: number): Promise<T> {
    let watch = 0;
    const late = new Promise<never>((_, reject) => {
      watch = window.setInterval(() => {
        if (!this.awaited) reject(new Error("late"));
      }, within);
    });
    try {
      return await Promise.race([result, this.failing, late]);
    } finally {
      clearInterval(watch);
    }
  }

  override requestDataRange(begin: number, end: number): void {
    this.awaited += 1;
    this.fetching
      .piece(begin, end, this.ending.signal)
      .then(({ bytes }) => {
        if (!this.ending.signal.aborted) this.onDataRange(begin, bytes);
      })
      .catch((problem: unknown) => this.fail(problem))
      .finally(() => (this.awaited -= 1));
  }

  override abort(): void {
    this.ending.abort();
    this.fail(new Error("closed"));
  }
}
