import { api, ProblemError } from "./api";
import { openDialog } from "./dialog";
import { framed } from "./frame";
import { word } from "./messages";

/**
 * "Open in a new tab", shown in a frame only. A tab does not share the frame's cookies, so the
 * form carries a ticket for the session, fetched at the press: it is good for one minute, once.
 * Where the page around forbids new windows (a sandbox without allow-popups), an address to copy
 * does the same.
 */
export function startOwnTab(): void {
  if (!framed) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-own-tab]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}

let along = (): string => "";

/** What `tell` gives when the tab opens stands behind the # of its address. */
export function takeAlong(tell: () => string): void {
  along = tell;
}

async function send(form: HTMLFormElement): Promise<void> {
  const field = form.elements.namedItem("ticket");
  if (!(field instanceof HTMLInputElement)) return;
  form.parentElement?.querySelector(".own-tab-problem")?.remove();
  try {
    field.value = (await api<{ ticket: string }>("POST", "tickets")).ticket;
    const name = `foyer-${Date.now()}`;
    if (window.open("", name)) {
      form.target = name;
      const place = along();
      form.action = form.action.split("#")[0]! + (place && `#${place}`);
      form.submit();
    } else await offerAddress(form);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    complain(form, error.lost ? word("own_tab_lost") : error.message);
  } finally {
    field.value = "";
  }
}

/** No window may be opened from here: a dialog with the address, for a tab that is opened by hand. */
async function offerAddress(form: HTMLFormElement): Promise<void> {
  const dialog = document.getElementById("by-hand");
  const field = dialog?.querySelector<HTMLInputElement>("input[readonly]");
  const media = form.elements.namedItem("media_id");
  if (!(dialog instanceof HTMLDialogElement) || !field || !(media instanceof HTMLInputElement)) return;
  const path = `media/${media.value}/addresses-to-copy`;
  field.value = (await api<{ address: string }>("POST", path)).address;
  const opener = document.querySelector<HTMLElement>(`button[form="${form.id}"]:not([role]), [aria-haspopup=menu]`);
  await openDialog(dialog, opener ?? undefined);
  field.select();
}

function complain(form: HTMLFormElement, sentence: string): void {
  const place = form.parentElement;
  let problem = place?.querySelector<HTMLElement>(".own-tab-problem");
  if (!problem) {
    problem = document.createElement("p");
    problem.className = "notice bad own-tab-problem";
    problem.setAttribute("role", "alert");
    place?.append(problem);
  }
  problem.textContent = sentence;
}
