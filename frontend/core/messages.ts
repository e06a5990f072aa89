/** Sentences that scripts say. The page carries them, translated, as JSON in script[data-words]. */

let book: Record<string, string> | undefined;

function read(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const block of document.querySelectorAll<HTMLScriptElement>("script[data-words]")) {
    Object.assign(found, JSON.parse(block.textContent ?? "{}") as Record<string, string>);
  }
  return found;
}

/** The sentence named `key`, with `{name}` replaced by `values.name`. */
export function word(key: string, values: Record<string, string | number> = {}): string {
  if (!book || !(key in book)) book = read();
  const sentence = book[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
