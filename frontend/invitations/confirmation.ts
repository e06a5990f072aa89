/** What the window says once there is a link: first how to hand it over. */

import { announce } from "../core/announce";
import { api } from "../core/api";
import { word } from "../core/messages";
import { formatTime } from "../core/time";
import { handOver, often, promise } from "./handing_over";
import { find, message, pairs, typeName, whole, works, type Invitation, type Made } from "./shared";
import { endOf, type Chosen } from "./terms";

export interface Confirmation {
  place: HTMLElement;
  /** `title` and `text` name sentences. `renewal`: what was chosen for a link that may replace this one. */
  show: (invitation: Invitation, link: string, title: string, text: string, renewal?: Chosen) => void;
}

function factsOf(invitation: Invitation): [string, string][] {
  const facts: [string, string][] = [["fact_for", whole(invitation)]];
  if (word("asks_email")) facts.push(["fact_types", invitation.email]);
  return [
    ...facts,
    ["fact_as", typeName(invitation.type)],
    ["fact_until", formatTime(invitation.expires_at)],
    ["fact_often", often(invitation.uses_allowed)],
  ];
}

export function startConfirmation(dialog: HTMLDialogElement, another: () => void): Confirmation {
  const place = find(dialog, "[data-made]");
  const renew = find<HTMLButtonElement>(place, "[data-renew]");
  let shown: { invitation: Invitation; renewal: Chosen } | undefined;

  function show(
    invitation: Invitation,
    link: string,
    title: string,
    text: string,
    renewal?: Chosen,
  ): void {
    shown = renewal && { invitation, renewal };
    const usable = works(invitation);
    const used = usable || invitation.in_lms || invitation.progress === "inside";
    const heading = find(place, "[data-made-title]");
    heading.textContent = word(title, { name: whole(invitation) });
    find(place, "[data-made-text]").textContent = word(text, {
      name: whole(invitation),
      email: invitation.email,
    });
    handOver(find(place, "[data-hand-over]"), invitation, usable ? link : "", "invite");
    pairs(find(place, "[data-made-facts]"), used ? factsOf(invitation) : []);
    const warning = word(invitation.uses_allowed === -1 ? "do_not_open_unlimited" : "do_not_open");
    find(place, "[data-made-warning] p").textContent = warning;
    find(place, "[data-made-warning]").hidden = !usable || !warning;
    const promised = find(place, "[data-renewal]");
    promised.textContent = renewal ? promise(endOf(renewal.minutes), renewal.uses, "renewal") : "";
    promised.hidden = renew.hidden = !renewal;
    renew.classList.toggle("primary", !used);
    heading.focus();
  }

  renew.addEventListener("click", () => {
    if (!shown || renew.getAttribute("aria-disabled")) return;
    renew.setAttribute("aria-disabled", "true");
    void api<Made>("POST", `invitations/${shown.invitation.id}/new-link`, shown.renewal.changed)
      .then(({ invitation, link }) => show(invitation, link, "renewed_title", "made_text"))
      .catch((problem: unknown) => {
        find(place, "[data-made-text]").textContent = message(problem);
        announce(message(problem));
      })
      .finally(() => renew.removeAttribute("aria-disabled"));
  });
  find(place, "[data-another]").addEventListener("click", another);
  return { place, show };
}
