/** The «Invite users» window: the form, the confirmation, the tab with the list. */

import { api } from "../core/api";
import { announce } from "../core/announce";
import { combobox, type Answer, type Suggestion } from "../core/combobox";
import { clearErrors, onSubmit } from "../core/form";
import { showTab } from "../core/tabs";
import { formatTime } from "../core/time";
import { url } from "../core/url";
import { word } from "../core/messages";
import { startList } from "./list";
import { find, typeName, whole, works, type Invitation, type Made } from "./shared";

interface Invitee extends Suggestion {
  first: string;
  last: string;
}

type Roster = "none" | "reading" | "ready" | "failed" | "not_shared" | "without_addresses";

interface Found {
  suggestions: { email: string; first_name: string; last_name: string; invited: boolean }[];
  roster: Roster;
}

const SAYS_NOTHING: Roster[] = ["none", "ready"];
const PREPARE_EVERY_MS = 60_000;

function invitees(media: string, typed: string, signal?: AbortSignal): Promise<Found> {
  return api<Found>("GET", url(`/api/v1/media/${media}/invitees`, { q: typed }), undefined, signal);
}

let prepared = -Infinity;

/** What is to be suggested may have to be fetched: best before the first letters are typed. */
function letPrepare(media: string): void {
  if (performance.now() - prepared < PREPARE_EVERY_MS) return;
  prepared = performance.now();
  void invitees(media, "").catch(() => undefined);
}

async function suggestions(media: string, typed: string, signal: AbortSignal): Promise<Answer<Invitee>> {
  const { suggestions, roster } = await invitees(media, typed, signal);
  return {
    found: suggestions.map(({ email, first_name, last_name, invited }) => ({
      value: email,
      label: `${first_name} ${last_name}`.trim() || email,
      detail: first_name || last_name ? email : "",
      mark: invited ? word("already_invited") : "",
      first: first_name,
      last: last_name,
    })),
    note: SAYS_NOTHING.includes(roster) ? "" : word(`roster_${roster}`),
    unfinished: roster === "reading",
  };
}

function facts(invitation: Invitation): string[] {
  const { uses_allowed: uses } = invitation;
  const how = uses === -1 ? "works_always" : uses === 1 ? "works_once" : "works_often";
  return [
    word("as_type", { name: whole(invitation), type: typeName(invitation.type), email: invitation.email }),
    word("works_until", { time: formatTime(invitation.expires_at) }),
    word(how, { count: uses }),
    word("works_one_device"),
  ].filter(Boolean);
}

export function mount(dialog: HTMLDialogElement): void {
  const media = find(dialog, "[data-invite]").dataset["invite"] ?? "";
  const form = find<HTMLFormElement>(dialog, "[data-invite-form]");
  const made = find(dialog, "[data-made]");
  const email = find<HTMLInputElement>(form, "[name=email]");
  const first = find<HTMLInputElement>(form, "[name=first_name]");
  const last = find<HTMLInputElement>(form, "[name=last_name]");
  const renew = find<HTMLButtonElement>(made, "[data-renew]");
  let shown: Invitation | undefined;

  startList(dialog, media);
  // A tab that was chosen before all of this had arrived gets what it missed.
  showTab(find(dialog, "[role=tab][aria-selected=true]"));
  letPrepare(media);
  email.addEventListener("focus", () => letPrepare(media));
  combobox<Invitee>(email, {
    find: (typed, signal) => suggestions(media, typed, signal),
    chosen: (invitee) => {
      if (invitee.first) first.value = invitee.first;
      if (invitee.last) last.value = invitee.last;
      (invitee.first && invitee.last ? find<HTMLElement>(form, "[type=submit]") : first).focus();
    },
  });

  function show(invitation: Invitation, link: string, title: string, text: string): void {
    shown = invitation;
    const usable = works(invitation);
    find(made, "[data-made-title]").textContent = word(title, { name: whole(invitation) });
    find(made, "[data-made-text]").textContent = word(text, { name: whole(invitation), email: invitation.email });
    find<HTMLInputElement>(made, "#invite-link").value = link;
    find(made, "[data-made-link]").hidden = !usable;
    find(made, "[data-made-facts]").replaceChildren(
      ...(usable ? facts(invitation) : []).map((fact) => {
        const line = document.createElement("li");
        line.textContent = fact;
        return line;
      }),
    );
    const warning = word(invitation.uses_allowed === -1 ? "do_not_open_unlimited" : "do_not_open");
    find(made, "[data-made-warning] p").textContent = warning;
    find(made, "[data-made-warning]").hidden = !usable || !warning;
    renew.hidden = title !== "before_title";
    renew.classList.toggle("primary", !usable);
    find(made, "[data-done]").hidden = !usable;
    form.hidden = true;
    made.hidden = false;
    find(made, "[data-made-title]").focus();
  }

  onSubmit(form, async (values) => {
    const answer = await api<Made>("POST", `media/${media}/invitations`, Object.fromEntries(values));
    const { created, invitation, link } = answer;
    const used = invitation.state === "used_up" ? "before_used" : "before_over";
    const before = works(invitation) ? "before_good" : used;
    show(invitation, link, created ? "made_title" : "before_title", created ? "made_text" : before);
  });

  renew.addEventListener("click", () => {
    if (!shown || renew.getAttribute("aria-disabled")) return;
    renew.setAttribute("aria-disabled", "true");
    void api<Made>("POST", `invitations/${shown.id}/new-link`)
      .then(({ invitation, link }) => show(invitation, link, "renewed_title", "made_text"))
      .catch((problem: unknown) => {
        find(made, "[data-made-text]").textContent = problem instanceof Error ? problem.message : word("failed");
        announce(find(made, "[data-made-text]").textContent ?? "");
      })
      .finally(() => renew.removeAttribute("aria-disabled"));
  });

  function another(): void {
    form.reset();
    clearErrors(form);
    made.hidden = true;
    form.hidden = false;
  }

  find(made, "[data-another]").addEventListener("click", () => {
    another();
    email.focus();
  });
  dialog.addEventListener("close", () => {
    if (form.hidden) another();
  });
}
