/** The «Invite users» window: the form, the confirmation, the tab with the list. */

import { api, ProblemError } from "../core/api";
import { announce } from "../core/announce";
import { combobox, type Answer, type Suggestion } from "../core/combobox";
import { onSubmit } from "../core/form";
import { resizeFrame } from "../core/frame";
import { showTab } from "../core/tabs";
import { url } from "../core/url";
import { word } from "../core/messages";
import { startConfirmation } from "./confirmation";
import { Filling } from "./filling";
import { startList } from "./list";
import { find, whole, works, type Invitation, type Made } from "./shared";
import { startTerms, TERMS } from "./terms";

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

export function mount(dialog: HTMLDialogElement): void {
  const media = find(dialog, "[data-invite]").dataset["invite"] ?? "";
  const form = find<HTMLFormElement>(dialog, "[data-invite-form]");
  const filling = new Filling(form);
  const made = startConfirmation(dialog, another);
  const terms = startTerms(form);

  const refreshList = startList(dialog, media, inviteAgain);
  // A tab that was chosen before all of this had arrived gets what it missed.
  showTab(find(dialog, "[role=tab][aria-selected=true]"));
  refreshList();
  dialog.addEventListener("window-opened", () => {
    terms.say();
    refreshList();
  });
  letPrepare(media);
  filling.email.addEventListener("focus", () => letPrepare(media));
  combobox<Invitee>(filling.email, {
    find: (typed, signal) => suggestions(media, typed, signal),
    chosen: (person) => {
      filling.put({ ...person, email: person.value }, true);
      const named = filling.first.value && (filling.last.value || filling.oneName.checked);
      (named ? find<HTMLElement>(form, "[type=submit]") : filling.first).focus();
    },
  });

  function showForm(shown: boolean): void {
    form.hidden = !shown;
    made.place.hidden = shown;
    resizeFrame();
  }

  /** An error at a field that is folded away would not be seen. */
  function showTerms(problem: unknown): never {
    const { errors } = problem instanceof ProblemError ? problem : { errors: [] };
    if (errors.some(({ field }) => TERMS.includes(field))) terms.unfold();
    throw problem;
  }

  onSubmit(form, async (values) => {
    const chosen = terms.chosen();
    const whom = Object.fromEntries([...values].filter(([name]) => !TERMS.includes(name)));
    const { created, invitation, link } = await api<Made>("POST", `media/${media}/invitations`, {
      ...whom,
      ...chosen.changed,
    }).catch(showTerms);
    form.reset();
    showForm(false);
    if (created) made.show(invitation, link, "made_title", "made_text");
    else made.show(invitation, link, "before_title", saidBefore(invitation), chosen);
  });

  function saidBefore(invitation: Invitation): string {
    if (invitation.in_lms) return "before_keeps";
    if (invitation.progress === "inside") return "before_inside";
    return works(invitation) ? "before_good" : "before_over";
  }

  /** An empty form again. */
  function another(): void {
    form.reset();
    showForm(true);
    filling.email.focus();
  }

  /** The form, filled in for somebody whose link or access is over. */
  function inviteAgain(invitation: Invitation): void {
    showTab(find(dialog, "#invite-tab"));
    another();
    const { email, first_name: first, last_name: last, type } = invitation;
    filling.put({ email, first, last }, true);
    const radio = form.querySelector<HTMLInputElement>(`[name=type][value="${CSS.escape(type)}"]`);
    if (radio) radio.checked = true;
    announce(whole(invitation));
  }

  dialog.addEventListener("close", () => {
    if (form.hidden) showForm(true);
  });
}
