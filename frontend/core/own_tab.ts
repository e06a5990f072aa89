import { announce } from "./announce";
import { api, ProblemError } from "./api";
import { framed } from "./frame";

/**
 * "Open in a new tab", shown in a frame only. A tab does not share the frame's cookies, so the
 * form carries a ticket for the session, fetched at the press: it is good for one minute, once.
 */
export function startOwnTab(): void {
  if (!framed) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-own-tab]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const field = form.elements.namedItem("ticket");
  if (!(field instanceof HTMLInputElement)) return;
  try {
    field.value = (await api<{ ticket: string }>("POST", "tickets")).ticket;
    form.submit();
  } catch (error) {
    if (error instanceof ProblemError) announce(error.title);
    else throw error;
  } finally {
    field.value = "";
  }
}
