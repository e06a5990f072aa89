/** One person's row in the list of the invited: what became of it, and what can be done about it. */

import { announce } from "../core/announce";
import { api } from "../core/api";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";
import { formatTime, sayWhen } from "../core/time";
import { handOver } from "./handing_over";
import {
  find,
  inviterOf,
  message,
  pairs,
  typeName,
  whole,
  works,
  type Changed,
  type Invitation,
} from "./shared";

type Verb = "new-link" | "reset-device" | "revoke";

export interface Heard {
  /** Something was changed. */
  changed: () => void;
  again: (invitation: Invitation) => void;
}

const TONES: Record<Invitation["progress"], string> = {
  not_used: "open",
  inside: "good",
  keeps_access: "good",
  can_return: "open",
  access_ended: "over",
  link_ended: "over",
  revoked: "over",
};

const WORDS: Record<Verb, { sure: string; yes: string; done: string }> = {
  "new-link": { sure: "sure_new_link", yes: "yes_new_link", done: "done_new_link" },
  "reset-device": { sure: "sure_reset", yes: "yes_reset", done: "done_reset" },
  revoke: { sure: "sure_revoke", yes: "yes_revoke", done: "done_revoked" },
};

/** Questions whose answer takes access away from somebody. */
const COSTS = /revoke|_inside$|_keeps$/;

/** For what the person waits for the inviter. */
function waits({ new_link_asked_at: asked, wrong_addresses: tried, state }: Invitation): ("asks" | "tried")[] {
  if (state === "revoked") return [];
  return [...(asked ? ["asks" as const] : []), ...(tried ? ["tried" as const] : [])];
}

function said(invitation: Invitation): string {
  const { progress, redeemed_at } = invitation;
  const time = redeemed_at ? sayWhen(redeemed_at) : "";
  return [...waits(invitation), progress].map((one) => word(`said_${one}`, { time })).join(" · ");
}

function factsOf(invitation: Invitation): [string, string][] {
  const { uses_made: made, uses_allowed: allowed, devices, redeemed_at } = invitation;
  const over = Date.parse(invitation.expires_at) <= Date.now();
  const facts: [string, string][] = [["fact_address", invitation.email]];
  if (redeemed_at) facts.push(["fact_came_in", formatTime(redeemed_at)]);
  if (invitation.state !== "revoked") {
    facts.push([over ? "fact_ended" : "fact_ends", formatTime(invitation.expires_at)]);
  }
  facts.push(["fact_uses", word(allowed === -1 ? "uses_unlimited" : "uses_of", { made, allowed })]);
  if (devices) {
    const text = invitation.one_device ? word("device_bound", { count: devices }) : String(devices);
    facts.push(["fact_devices", text]);
  }
  const inviter = inviterOf(invitation);
  if (inviter) facts.push(["fact_inviter", inviter]);
  return facts;
}

/** What can be done about it, by the buttons' names. */
function offered(invitation: Invitation): Record<string, boolean> {
  const { state, progress, one_device: bound } = invitation;
  const lives = state !== "revoked";
  return {
    copy: works(invitation),
    "new-link": lives,
    "reset-device": bound && lives && state !== "expired",
    again: ["revoked", "access_ended", "link_ended"].includes(progress),
    revoke: lives,
  };
}

/** The sentence that says what the verb does to this very person; "": nobody need be asked. */
function question(verb: Verb, invitation: Invitation): string {
  const { progress } = invitation;
  const { sure } = WORDS[verb];
  if (invitation.in_lms) return `${sure}_keeps`;
  if (progress === "inside") return `${sure}_inside`;
  if (works(invitation) || verb === "reset-device") return sure;
  return verb === "revoke" ? "sure_revoke_ended" : "";
}

export class Person {
  private answered: ((answer: boolean) => void) | undefined;
  private busy = false;
  private namesake = false;

  constructor(
    readonly row: HTMLElement,
    private invitation: Invitation,
    private readonly heard: Heard,
  ) {
    const details = find(row, "[data-details]");
    details.id = `invited-${invitation.id}`;
    this.button.setAttribute("aria-controls", details.id);
    this.update(invitation);
    row.addEventListener("click", (event) => this.pressed(event));
    find(row, "[data-yes]").onclick = () => this.answered?.(true);
    find(row, "[data-no]").onclick = () => this.answered?.(false);
  }

  get id(): string {
    return this.invitation.id;
  }

  get name(): string {
    return whole(this.invitation);
  }

  /** Whether somebody else in the list has the same name: then the address stands with it. */
  set hasNamesake(namesake: boolean) {
    if (namesake === this.namesake) return;
    this.namesake = namesake;
    this.update(this.invitation);
  }

  get button(): HTMLButtonElement {
    return find<HTMLButtonElement>(this.row, "[data-unfolds]");
  }

  /** The link is shown, with a button of its own that copies it. */
  private get handsOver(): boolean {
    return find(this.row, "[data-link]").hasChildNodes();
  }

  /** Takes a question back; whether there was one. */
  dismiss(): boolean {
    const asked = this.answered !== undefined;
    this.answered?.(false);
    return asked;
  }

  /** Says what is true now; what is unfolded or asked stays so. */
  update(invitation: Invitation): void {
    this.invitation = invitation;
    const { row } = this;
    const waiting = waits(invitation);
    find(row, "[data-name]").textContent = this.name;
    find(row, "[data-address]").textContent = this.namesake ? invitation.email : "";
    find(row, "[data-said]").textContent = said(invitation);
    find(row, "[data-role]").textContent = typeName(invitation.type);
    row.dataset["tone"] = waiting.length ? "waits" : TONES[invitation.progress];
    const news = find(row, "[data-news]");
    news.hidden = !waiting.length;
    const asked = formatTime(invitation.new_link_asked_at ?? "");
    const sentences = { asks: word("asked", { time: asked }), tried: word("tried") };
    news.textContent = waiting.map((one) => sentences[one]).join(" ");
    pairs(find(row, "[data-facts]"), factsOf(invitation));
    const may = offered(invitation);
    const who = this.namesake ? `${this.name}, ${invitation.email}` : this.name;
    for (const button of row.querySelectorAll<HTMLElement>("[data-does]")) {
      const does = button.dataset["does"] ?? "";
      button.hidden = !may[does] || (does === "copy" && this.handsOver);
      button.classList.toggle("primary", does === "new-link" && waiting.length > 0);
      button.setAttribute("aria-label", `${find(button, "[data-label]").textContent}: ${who}`);
    }
  }

  private pressed(event: Event): void {
    const target = event.target as Element;
    if (target.closest("[data-unfolds]")) {
      this.unfold(this.button.getAttribute("aria-expanded") !== "true");
      return;
    }
    const does = target.closest<HTMLElement>("[data-does]")?.dataset["does"];
    if (!does || this.busy) return;
    this.complain("");
    if (does === "again") {
      this.heard.again(this.invitation);
      return;
    }
    this.setBusy(true);
    const work = does === "copy" ? this.copyLink() : this.change(does as Verb);
    work
      .catch((problem: unknown) => this.complain(message(problem)))
      .finally(() => {
        this.setBusy(false);
        resizeFrame();
      });
  }

  /** One thing at a time: a second press would make a second link. */
  private setBusy(busy: boolean): void {
    this.busy = busy;
    for (const button of this.row.querySelectorAll("[data-does]")) {
      if (busy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }

  private complain(sentence: string): void {
    const place = find(this.row, "[data-problem]");
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  unfold(open: boolean): void {
    this.dismiss();
    this.button.setAttribute("aria-expanded", String(open));
    find(this.row, "[data-details]").hidden = !open;
    if (!open) this.showLink(null);
    resizeFrame();
    if (!open) return;
    this.row.scrollIntoView({ block: "nearest" });
    void this.refresh().catch(() => undefined);
  }

  /** What is true now: the person may have come in since the list was read. */
  private async refresh(): Promise<void> {
    this.update(await api<Invitation>("GET", `invitations/${this.invitation.id}`));
  }

  private async copyLink(): Promise<void> {
    const { link } = await api<{ link: string }>("GET", `invitations/${this.invitation.id}/link`);
    this.showLink(link);
    const copies = find(this.row, "[data-hand-over] button");
    copies.focus();
    copies.click();
  }

  private showLink(link: string | null): void {
    const place = find(this.row, "[data-link]");
    place.replaceChildren();
    if (link) {
      const pattern = find<HTMLTemplateElement & HTMLElement>(document, "template[data-sending]");
      place.append(pattern.content.cloneNode(true));
      handOver(find(place, "[data-hand-over]"), this.invitation, link, `invited-${this.id}`);
    }
    this.update(this.invitation);
  }

  private async change(verb: Verb): Promise<void> {
    await this.refresh();
    const asks = question(verb, this.invitation);
    if (asks && !(await this.sure(asks, word(WORDS[verb].yes)))) {
      find(this.row, `[data-does="${verb}"]`).focus();
      return;
    }
    const { invitation, link } = await api<Changed>("POST", `invitations/${this.invitation.id}/${verb}`);
    this.invitation = invitation;
    this.showLink(link);
    this.button.focus();
    this.row.scrollIntoView({ block: "nearest" });
    announce(word(WORDS[verb].done));
    this.heard.changed();
  }

  /** Asks inside the row, where the eye is; resolves to what was answered. */
  private sure(sentence: string, yes: string): Promise<boolean> {
    const box = find(this.row, "[data-sure]");
    const actions = find(this.row, "[data-actions]");
    const asked = find(box, "[data-question]");
    asked.textContent = word(sentence, { name: whole(this.invitation) });
    box.setAttribute("aria-label", yes);
    find(box, "[data-yes] [data-label]").textContent = yes;
    find(box, "[data-yes]").classList.toggle("danger", COSTS.test(sentence));
    actions.hidden = true;
    box.hidden = false;
    asked.focus();
    box.scrollIntoView({ block: "nearest" });
    return new Promise((resolve) => {
      this.answered = (answer) => {
        this.answered = undefined;
        box.hidden = true;
        actions.hidden = false;
        resolve(answer);
      };
    });
  }
}
