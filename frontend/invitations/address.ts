/** An address as mail programs copy it, with a name beside it: Ada Lovelace <ada@example.org>. */

export interface Named {
  email: string;
  first: string;
  last: string;
}

const ADDRESS = "(?:mailto:)?(?<email>[^<>()[\\]\\s?]+@[^<>()[\\]\\s?]+)(?:\\?\\S*?)?";
/** Without brackets a name is known by its capital, if its writing has any: a space may have come into the address. */
const NAMED = [
  `(?<name>[^<>]*)<\\s*${ADDRESS}\\s*>`,
  `(?<name>[^()[\\]<>]*)[([]\\s*${ADDRESS}\\s*[)\\]]`,
  `${ADDRESS}\\s*\\((?<name>[^()@]*)\\)`,
  `(?<name>(?:[^@<>]*\\s)?[\\p{Lu}\\p{Lt}\\p{Lo}("“][^@<>\\s]*\\s+)${ADDRESS}`,
].map((form) => new RegExp(`^\\s*${form}[\\s;,.]*$`, "u"));
const LABEL = /^\s*(?:[^@<>:/\\]{1,40}:|[-*+#•·–—]+\s|\d{1,3}[.)]\s)\s*/u;
const AROUND = /^["'“”„«»‘’*_~\s]+|["'“”«»‘’*_~,;:\s]+$/gu;
const REMARK = /\s*[([][^)\]]*[)\]]/gu;
/** As the server has them. */
const SUFFIXES = new Set(
  ("PhD PHD phd MD MA BA MSc BSc MS BS MBA MPhil DPhil EdD DBA JD LLM LLB DDS RN Esq Jr jr Sr sr " +
    "II III IV Dr Prof").split(" "),
);
const MOST_FIRST_NAMES = 3;

/** Takes such a text apart; undefined for anything else, also for two addresses. */
export function takeApart(typed: string): Named | undefined {
  const { name: beside = "", email = "" } = NAMED.map((form) => form.exec(typed)).find(Boolean)?.groups ?? {};
  const name = beside.replace(LABEL, "").replace(AROUND, "").replace(/\\(.)/gu, "$1").replace(/\s+/gu, " ");
  if (!email || (name.includes("@") && name.toLowerCase() !== email.toLowerCase())) return undefined;
  if (/[@=]/u.test(name)) return { email, first: "", last: "" };
  return { email, ...firstAndLast(name) };
}

/** What stands before a comma, else the last word, is taken for the family's name; degrees are none. */
function firstAndLast(whole: string): { first: string; last: string } {
  const bare = whole.replace(REMARK, "").trim() || whole;
  const [before = "", ...behind] = bare.split(",").map((part) => part.trim()).filter(Boolean);
  const first = behind.filter((part) => !isSuffix(part)).join(" ");
  if (first && first.split(" ").length <= MOST_FIRST_NAMES) return { first, last: before };
  const space = before.lastIndexOf(" ");
  return space < 0 ? { first: before, last: "" } : { first: before.slice(0, space), last: before.slice(space + 1) };
}

function isSuffix(part: string): boolean {
  const words = part.replaceAll(".", "").split(" ");
  return SUFFIXES.has(words.join("")) || words.every((one) => SUFFIXES.has(one));
}
