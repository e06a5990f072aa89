/**
 * Where the browser keeps neither cookie nor storage for us, the page itself holds the session: a
 * bearer for what scripts ask, and a ticket, good once and for a minute, to go on to another page.
 * Elsewhere nothing of this does anything.
 */

import { api, ProblemError } from "./api";
import { keepSubmitter } from "./submitter";
import { bearer } from "./url";

/** The address, with a ticket where it needs one to be opened. */
export async function carried(address: string): Promise<string> {
  if (!bearer()) return address;
  const wanted = new URL(address, location.href);
  wanted.searchParams.set("ticket", (await api<{ ticket: string }>("POST", "page-tickets")).ticket);
  return wanted.href;
}

/** Goes on to another page of the tool. */
export async function goTo(address: string): Promise<void> {
  location.assign(await carried(address));
}

/** Sends a form to the tool as its button would; its answer is the next page. */
export async function send(form: HTMLFormElement): Promise<void> {
  if (!bearer()) {
    form.submit();
    return;
  }
  if (form.method === "get") {
    const values = [...new FormData(form)];
    const address = new URL(form.action, location.href);
    for (const [name] of values) address.searchParams.delete(name);
    for (const [name, value] of values) address.searchParams.append(name, String(value));
    await goTo(address.href);
    return;
  }
  form.action = await carried(form.action);
  form.submit();
}

function ours(address: string): boolean {
  const wanted = new URL(address, location.href);
  return wanted.origin === location.origin && wanted.searchParams.has("as");
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  if (!link || link.target === "_blank" || !ours(link.href)) return;
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.pathname === location.pathname && link.hash) return;
  event.preventDefault();
  void goTo(link.href).catch(lost);
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  if (form.target === "_blank" || !ours(form.action)) return;
  event.preventDefault();
  keepSubmitter(form, event.submitter);
  void send(form).catch(lost);
}

/** Nothing could be fetched to go on with: say it where the reader is, and lose nothing. */
function lost(error: unknown): void {
  if (!(error instanceof ProblemError)) throw error;
  for (const form of document.querySelectorAll("form[data-sending]")) form.removeAttribute("data-sending");
  let place = document.querySelector<HTMLElement>("[data-cannot-go-on]");
  if (!place) {
    place = document.createElement("p");
    place.className = "notice bad";
    place.dataset["cannotGoOn"] = "";
    place.setAttribute("role", "alert");
    document.querySelector("main")?.prepend(place);
  }
  place.textContent = error.message;
}

export function startCarrying(): void {
  if (!bearer()) return;
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
}
