/** The tab «Invitations»: who was invited, what became of it, and what can be done about it. */

import { announce } from "../core/announce";
import { api } from "../core/api";
import { copyText } from "../core/copy";
import { resizeFrame } from "../core/frame";
import { formatTime } from "../core/time";
import { url } from "../core/url";
import { word } from "../core/messages";
import { find, typeName, whole, works, type Changed, type Invitation } from "./shared";

interface Listed {
  invitations: Invitation[];
  after: string | null;
}

type Verb = "new-link" | "reset-device" | "revoke";

const TONE: Record<Invitation["state"], string> = {
  pending: "accent",
  redeemed: "good",
  used_up: "",
  expired: "warn",
  revoked: "bad",
};

const QUESTIONS: Record<Verb, { sure: string; yes: string; done: string }> = {
  "new-link": { sure: "sure_new_link", yes: "yes_new_link", done: "done_new_link" },
  "reset-device": { sure: "sure_reset", yes: "yes_reset", done: "done_reset" },
  revoke: { sure: "sure_revoke", yes: "yes_revoke", done: "done_revoked" },
};

function message(problem: unknown): string {
  return problem instanceof Error ? problem.message : word("failed");
}

function factsOf(invitation: Invitation): [string, string][] {
  const { uses_made: made, uses_allowed: allowed, devices } = invitation;
  const over = Date.parse(invitation.expires_at) <= Date.now();
  const facts: [string, string][] = [
    ["fact_type", typeName(invitation.type)],
    [over ? "fact_ended" : "fact_ends", formatTime(invitation.expires_at)],
    ["fact_uses", word(allowed === -1 ? "uses_unlimited" : "uses_of", { made, allowed })],
  ];
  if (invitation.redeemed_at) facts.push(["fact_redeemed", formatTime(invitation.redeemed_at)]);
  if (devices) {
    const text = invitation.one_device ? word("device_bound", { count: devices }) : String(devices);
    facts.push(["fact_devices", text]);
  }
  const inviter = inviterOf(invitation);
  if (inviter) facts.push(["fact_inviter", inviter]);
  return facts;
}

function inviterOf({ invited_by: name, invited_by_other: other }: Invitation): string {
  if (!other) return name;
  return name ? word("inviter_acted_as", { name }) : word("inviter_acted");
}

function fill(entry: HTMLElement, invitation: Invitation): void {
  find(entry, "[data-name]").textContent = whole(invitation);
  find(entry, "[data-email]").textContent = invitation.email;
  const state = find(entry, "[data-state]");
  state.textContent = word(`state_${invitation.state}`);
  state.className = `badge ${TONE[invitation.state]}`;
  const asked = find(entry, "[data-asked]");
  asked.hidden = !invitation.new_link_asked_at || invitation.state === "revoked";
  asked.textContent = word("asked", { time: formatTime(invitation.new_link_asked_at ?? "") });
  find(entry, "[data-facts]").replaceChildren(
    ...factsOf(invitation).flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const told = document.createElement("dd");
      term.textContent = word(name);
      told.textContent = value;
      return [term, told];
    }),
  );
  const may: Record<string, boolean> = {
    copy: works(invitation),
    "new-link": invitation.state !== "revoked",
    "reset-device": invitation.one_device && invitation.state !== "revoked",
    revoke: invitation.state !== "revoked",
  };
  for (const button of entry.querySelectorAll<HTMLElement>("[data-does]")) {
    button.hidden = !may[button.dataset["does"] ?? ""];
    button.setAttribute("aria-label", `${button.textContent?.trim() ?? ""}: ${whole(invitation)}`);
  }
}

/** Asks inside the entry, where the eye is; resolves to what was answered. */
function sure(entry: HTMLElement, verb: Verb, invitation: Invitation): Promise<boolean> {
  const box = find(entry, "[data-sure]");
  const actions = find(entry, "[data-actions]");
  const yes = find(entry, "[data-yes]");
  const question = find(entry, "[data-question]");
  question.textContent = word(QUESTIONS[verb].sure, { name: whole(invitation) });
  yes.textContent = word(QUESTIONS[verb].yes);
  actions.hidden = true;
  box.hidden = false;
  question.focus();
  return new Promise((resolve) => {
    const answered = (answer: boolean) => (): void => {
      box.hidden = true;
      actions.hidden = false;
      resolve(answer);
    };
    yes.onclick = answered(true);
    find(entry, "[data-no]").onclick = answered(false);
  });
}

function showLink(entry: HTMLElement, id: string, link: string): void {
  const place = find(entry, "[data-link]");
  const input = find<HTMLInputElement>(place, "input");
  input.id = `link-${id}`;
  find<HTMLLabelElement>(place, "label").htmlFor = input.id;
  find(place, "[data-copy]").dataset["copy"] = input.id;
  input.value = link;
  place.hidden = false;
}

export function startList(dialog: HTMLDialogElement, media: string): void {
  const panel = find(dialog, "#invitations-panel");
  const place = find(panel, "[data-invitations]");
  const none = find(panel, "[data-none]");
  const pattern = find<HTMLTemplateElement & HTMLElement>(panel, "template[data-entry]");

  const more = find(panel, "[data-more]");
  const line = document.createElement("p");
  line.className = "soft";
  let after: string | null = null;
  let asked: AbortController | undefined;

  function say(text: string): void {
    line.textContent = text;
    place.append(line);
  }

  async function copyLink(entry: HTMLElement, invitation: Invitation): Promise<void> {
    const { link } = await api<{ link: string }>("GET", `invitations/${invitation.id}/link`);
    showLink(entry, invitation.id, link);
    await copyText(link, find<HTMLInputElement>(entry, "[data-link] input"));
  }

  async function change(entry: HTMLElement, invitation: Invitation, verb: Verb): Promise<void> {
    const asks = verb !== "new-link" || invitation.uses_made > 0 || works(invitation);
    if (asks && !(await sure(entry, verb, invitation))) {
      find(entry, `[data-does="${verb}"]`).focus();
      return;
    }
    const answer = await api<Changed>("POST", `invitations/${invitation.id}/${verb}`);
    const fresh = entryOf(answer.invitation);
    entry.replaceWith(fresh);
    if (answer.link) showLink(fresh, answer.invitation.id, answer.link);
    find(fresh, "[data-name]").focus();
    announce(word(QUESTIONS[verb].done));
  }

  function entryOf(invitation: Invitation): HTMLElement {
    const entry = find(pattern.content.cloneNode(true) as DocumentFragment, "article");
    find(entry, "[data-name]").tabIndex = -1;
    entry.dataset["id"] = invitation.id;
    fill(entry, invitation);
    entry.addEventListener("click", (event) => {
      const does = (event.target as Element).closest<HTMLElement>("[data-does]")?.dataset["does"];
      if (!does) return;
      const work = does === "copy" ? copyLink(entry, invitation) : change(entry, invitation, does as Verb);
      work
        .catch((problem: unknown) => {
          const told = find(entry, "[data-asked]");
          told.hidden = false;
          told.textContent = message(problem);
          announce(message(problem));
        })
        .finally(resizeFrame);
    });
    return entry;
  }

  /** Those behind `from`; their entries. One whose place changed meanwhile may come again. */
  async function load(from: string | null): Promise<HTMLElement[]> {
    asked?.abort();
    asked = new AbortController();
    const address = url(`/api/v1/media/${media}/invitations`, from ? { after: from } : {});
    const listed = await api<Listed>("GET", address, undefined, asked.signal);
    if (!from) place.replaceChildren();
    line.remove();
    const entries = listed.invitations
      .filter(({ id }) => !place.querySelector(`[data-id="${id}"]`))
      .map(entryOf);
    place.append(...entries);
    after = listed.after;
    more.hidden = after === null;
    none.hidden = place.childElementCount > 0;
    return entries;
  }

  function failed(problem: unknown): void {
    if (problem instanceof DOMException && problem.name === "AbortError") return;
    say(message(problem));
    announce(message(problem));
  }

  panel.addEventListener("tab-shown", () => {
    if (!place.childElementCount) say(word("loading"));
    void load(null).catch(failed).finally(resizeFrame);
  });

  more.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("button")) return;
    void load(after)
      .then(([first]) => first && find(first, "[data-name]").focus())
      .catch(failed)
      .finally(resizeFrame);
  });
}
