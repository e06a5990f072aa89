/** What the parts of the invitations window have in common. */

import { word } from "../core/messages";

export interface Invitation {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  type: string;
  state: "pending" | "redeemed" | "used_up" | "expired" | "revoked";
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
  return `${first_name} ${last_name}`;
}

/** Whether the link can let somebody in. */
export function works({ state }: Invitation): boolean {
  return state === "pending" || state === "redeemed";
}

export function typeName(type: string): string {
  return word(`type_${type}`);
}
