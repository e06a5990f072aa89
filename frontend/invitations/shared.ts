/** What the parts of the invitations window have in common. */

import { word } from "../core/messages";

export interface Invitation {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  type: string;
  state: "pending" | "redeemed" | "used_up" | "expired" | "revoked";
  progress:
    | "not_used"
    | "inside"
    | "keeps_access"
    | "can_return"
    | "access_ended"
    | "link_ended"
    | "revoked";
  created_at: string;
  invited_by: string;
  invited_by_other: boolean;
  expires_at: string;
  uses_made: number;
  uses_allowed: number;
  redeemed_at: string | null;
  devices: number;
  one_device: boolean;
  new_link_asked_at: string | null;
  wrong_addresses: boolean;
  in_lms: boolean;
}

export interface Made {
  created: boolean;
  invitation: Invitation;
  link: string;
}

export interface Changed {
  invitation: Invitation;
  link: string | null;
}

/** The element that our own template is known to hold. */
export function find<Kind extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): Kind {
  const found = root.querySelector<Kind>(selector);
  if (!found) throw new Error(`the page lacks ${selector}`);
  return found;
}

export function whole({ first_name, last_name }: Invitation): string {
  return `${first_name} ${last_name}`.trim();
}

/** Whether the link can let somebody in. */
export function works({ state }: Invitation): boolean {
  return state === "pending" || state === "redeemed";
}

/** Who may be named as the inviter: not somebody as whom another one acted. */
export function inviterOf({ invited_by: name, invited_by_other: other }: Invitation): string {
  if (!other) return name;
  return name ? word("inviter_acted_as", { name }) : word("inviter_acted");
}

export function typeName(type: string): string {
  return word(`type_${type}`);
}

export function message(problem: unknown): string {
  return problem instanceof Error ? problem.message : word("failed");
}

/** Terms and what is said of them; an address runs from left to right in every language. */
export function pairs(list: HTMLElement, facts: [name: string, value: string][]): void {
  list.replaceChildren(
    ...facts.flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const told = document.createElement("dd");
      term.textContent = word(name);
      const text = document.createElement("bdi");
      text.textContent = value;
      told.append(text);
      return [term, told];
    }),
  );
}

/** Puts the number of those who wait for their inviter wherever the page says it. */
export function showWaiting(dialog: HTMLDialogElement, count: number): void {
  for (const mark of document.querySelectorAll<HTMLElement>(`[data-mark="${CSS.escape(dialog.id)}"]`)) {
    mark.hidden = count === 0;
    find(mark, "[data-count]").textContent = String(count);
    find(mark, "[data-said]").textContent = word("waiting", { count });
  }
}
