function sessionMeta(): HTMLMetaElement | null {
  return document.querySelector<HTMLMetaElement>('meta[name="foyer-session"]');
}

/** The session this page belongs to; it stands in every address the page uses. */
export function sessionHandle(): string {
  return sessionMeta()?.content ?? "";
}

/** What a page has instead of a cookie that the browser refuses it; elsewhere nothing. */
export function bearer(): string {
  return sessionMeta()?.dataset["bearer"] ?? "";
}

/** What tells the server whose call this is, and, for browsers too old to say so, that it is ours. */
export function ownHeaders(): Record<string, string> {
  const token = sessionMeta()?.dataset["formToken"];
  return {
    ...(token ? { "X-Form-Token": token } : {}),
    ...(bearer() ? { Authorization: `Bearer ${bearer()}` } : {}),
  };
}

/** An address inside the tool, with the page's session and the given query values. */
export function url(path: string, query: Record<string, string | number | undefined> = {}): string {
  const address = new URL(path, location.origin);
  if (address.origin !== location.origin) throw new Error("only addresses of this tool");
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  const handle = sessionHandle();
  if (handle && !address.searchParams.has("as")) address.searchParams.set("as", handle);
  return address.pathname + address.search + address.hash;
}
