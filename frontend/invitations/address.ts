/** An address as mail programs copy it, with the name before it: Ada Lovelace <ada@example.org>. */

export interface Named {
  email: string;
  first: string;
  last: string;
}

const NAMED = /^\s*([^<>]*)<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>[\s;,.]*$/iu;
const QUOTES = /^["'“”„«»‘’\s]+|["'“”«»‘’\s]+$/gu;

/** Takes such a text apart; undefined for anything else, also for two addresses. */
export function takeApart(typed: string): Named | undefined {
  const [, before = "", email = ""] = NAMED.exec(typed) ?? [];
  const name = before.replace(QUOTES, "").replace(/\\(.)/gu, "$1").replace(/\s+/gu, " ");
  if (!email || (name.includes("@") && name.toLowerCase() !== email.toLowerCase())) return undefined;
  if (name.includes("@")) return { email, first: "", last: "" };
  return { email, ...firstAndLast(name) };
}

/** What stands before a comma, else the last word, is taken for the family's name. */
function firstAndLast(name: string): { first: string; last: string } {
  const comma = name.indexOf(",");
  if (comma > 0) return { first: name.slice(comma + 1).trim(), last: name.slice(0, comma).trim() };
  const space = name.lastIndexOf(" ");
  return space < 0 ? { first: name, last: "" } : { first: name.slice(0, space), last: name.slice(space + 1) };
}
