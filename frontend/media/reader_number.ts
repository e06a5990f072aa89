/** What somebody may type where a page's number is asked for. */

const DIGIT = /\p{Nd}/u;

/** The digits of every script come in tens: how far one is from the first of its ten. */
function valueOf(digit: string): string {
  const code = digit.codePointAt(0)!;
  let first = code;
  while (code - first < 9 && DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String(code - first);
}

/**
 * The page that was meant, within the document; undefined where it is none. A page that the document
 * itself calls by another name ("iv") is found by that.
 */
export async function pageMeant(
  typed: string,
  pages: number,
  labels: () => Promise<string[] | null>,
): Promise<number | undefined> {
  const wanted = typed.normalize("NFKC").trim().replace(/\p{Nd}/gu, valueOf);
  const number = Number.parseInt(wanted, 10);
  if (Number.isInteger(number)) return Math.min(Math.max(number, 1), pages);
  if (!wanted) return undefined;
  const named = (await labels())?.findIndex((label) => label.toLowerCase() === wanted.toLowerCase()) ?? -1;
  return named < 0 ? undefined : named + 1;
}
