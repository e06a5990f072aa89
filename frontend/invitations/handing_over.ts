/** What an inviter sends: the link, a few ready lines, a letter with them. */

import { formatTime } from "../core/time";
import { word } from "../core/messages";
import { find, whole, type Invitation } from "./shared";

/** Some mail programs and systems cut or refuse longer addresses. */
const LONGEST_MAILTO = 1900;
const LONGEST_TITLE = 80;

/** When a link ends and how often it works, in one sentence: of this one, or of one that may replace it. */
export function promise(ends: string, uses: number, of: "promise" | "renewal" = "promise"): string {
  const how = uses === -1 ? "always" : uses === 1 ? "once" : "often";
  return word(`${of}_${how}`, { time: formatTime(ends), count: uses });
}

export function often(uses: number): string {
  const how = uses === -1 ? word("always") : uses === 1 ? word("once") : word("times", { count: uses });
  return word("one_device") ? word("one_browser", { often: how }) : how;
}

function toOpen({ email }: Invitation, link: string): string[] {
  const asked = word("asks_email") ? word("text_type", { email }) : word("text_open");
  return [`${asked}\n${link}`];
}

/** The lines to send. The link has a line of its own, so that nothing that follows gets into it. */
function invitationText(invitation: Invitation, link: string, title: string): string {
  const inviter = invitation.invited_by_other ? "" : invitation.invited_by;
  const terms = promise(invitation.expires_at, invitation.uses_allowed);
  return [
    word("text_hello", { name: whole(invitation) }),
    inviter ? word("text_by", { inviter, title }) : word("text_by_nobody", { title }),
    ...toOpen(invitation, link),
    word("one_device") ? `${terms} ${word("text_one_browser")}` : terms,
  ].join("\n\n");
}

function mailto(email: string, subject: string, body: string): string {
  const lines = encodeURIComponent(body.replaceAll("\n", "\r\n"));
  // The sign itself, as RFC 6068 writes it: not every mail program takes it apart.
  const to = encodeURIComponent(email).replace("%40", "@");
  return `mailto:${to}?subject=${encodeURIComponent(subject)}&body=${lines}`;
}

/** Gives each field, its label and its button ids of their own. */
function name(field: HTMLElement, place: HTMLElement, id: string): void {
  find<HTMLLabelElement>(place, `label[for="${CSS.escape(field.id)}"]`).htmlFor = id;
  find(place, `[data-copy="${CSS.escape(field.id)}"]`).dataset["copy"] = id;
  field.id = id;
}

/** Fills in what hands a link over; `id` sets it apart from others on the page. No link: shows none. */
export function handOver(place: HTMLElement, invitation: Invitation, link: string, id: string): void {
  const text = find<HTMLTextAreaElement>(place, "textarea");
  const field = find<HTMLInputElement>(place, "input");
  const folded = find(place, "[data-text]");
  const title = place.closest<HTMLElement>("[data-title]")?.dataset["title"] ?? "";
  name(field, place, `${id}-link`);
  name(text, place, `${id}-text`);
  field.value = link;
  text.value = invitationText(invitation, link, title);
  find<HTMLAnchorElement>(place, "[data-mail]").href = letter(invitation, link, title);
  // Before the press reaches the document, where the text is copied: what is hidden cannot be.
  find(place, `[data-copy="${CSS.escape(text.id)}"]`).onclick = () => (folded.hidden = false);
  folded.hidden = true;
  place.hidden = !link;
}

/** The address that begins a letter; of a text that is too long for one, only how to come in. */
function letter(invitation: Invitation, link: string, title: string): string {
  const signs = [...title];
  const cut = signs.slice(0, LONGEST_TITLE).join("").trimEnd();
  const shown = signs.length > LONGEST_TITLE ? `${cut}…` : title;
  const subject = word("text_subject", { title: shown });
  const bodies = [
    invitationText(invitation, link, title),
    invitationText(invitation, link, shown),
    toOpen(invitation, link).join("\n\n"),
  ];
  const letters = bodies.map((body) => mailto(invitation.email, subject, body));
  return letters.find(({ length }) => length <= LONGEST_MAILTO) ?? mailto(invitation.email, "", link);
}
