/** The tab «Invitations»: a list of people, those first who wait; it can be searched. */

import { announce } from "../core/announce";
import { api } from "../core/api";
import { resizeFrame } from "../core/frame";
import { url } from "../core/url";
import { word } from "../core/messages";
import { Person } from "./person";
import { find, message, showWaiting, type Invitation } from "./shared";

interface Counts {
  invited: number;
  came_in: number;
  waiting: number;
  revoked: number;
}

interface Listed {
  invitations: Invitation[];
  after: string | null;
  counts: Counts;
}

const PAUSE_MS = 200;
/** Fewer are overseen at a glance. */
const MANY = 6;

/** The chips, each with its number; those that would show nobody are left out. */
function startChips(tools: HTMLElement, chosen: () => void): { which: () => string; fill: (counts: Counts) => void } {
  const chips = [...tools.querySelectorAll<HTMLElement>("[data-show]")];
  const pressed = (chip: HTMLElement): boolean => chip.getAttribute("aria-pressed") === "true";
  const press = (one: HTMLElement | undefined): void => {
    for (const chip of chips) chip.setAttribute("aria-pressed", String(chip === one));
    chosen();
  };
  for (const chip of chips) chip.addEventListener("click", () => press(chip));
  return {
    which: () => chips.find(pressed)?.dataset["show"] ?? "all",
    fill: ({ invited, came_in, waiting, revoked }) => {
      const not_yet = invited - came_in;
      const numbers: Record<string, number> = { all: invited + revoked, came_in, not_yet, waiting, revoked };
      for (const chip of chips) {
        const show = chip.dataset["show"] ?? "";
        const optional = show === "waiting" || show === "revoked";
        chip.hidden = optional && !numbers[show] && !pressed(chip);
        find(chip, "[data-count]").textContent = String(numbers[show]);
      }
    },
  };
}

/** Gives what reads the list anew. */
export function startList(
  dialog: HTMLDialogElement,
  media: string,
  again: (invitation: Invitation) => void,
): () => void {
  const panel = find(dialog, "#invitations-panel");
  const place = find(panel, "[data-invitations]");
  const pattern = find<HTMLTemplateElement & HTMLElement>(panel, "template[data-entry]");
  const more = find(panel, "[data-more]");
  const tools = find(panel, "[data-tools]");
  const search = find<HTMLInputElement>(tools, "[data-search]");
  const line = find(panel, "[data-line]");
  const chips = startChips(tools, () => read(true));
  let people: Person[] = [];
  let after: string | null = null;
  let asking: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(text: string): void {
    line.textContent = text;
    line.hidden = !text;
    resizeFrame();
  }

  function personOf(invitation: Invitation): Person {
    const row = find(pattern.content.cloneNode(true) as DocumentFragment, "li");
    return new Person(row, invitation, { again, changed: () => void count().catch(() => undefined) });
  }

  /** One page; a call that a later one overtakes never comes back. */
  async function ask(from: string | null): Promise<Listed> {
    asking?.abort();
    asking = new AbortController();
    const wanted = { show: chips.which(), q: search.value.trim(), ...(from ? { after: from } : {}) };
    return api<Listed>("GET", url(`/api/v1/media/${media}/invitations`, wanted), undefined, asking.signal);
  }

  function sum(counts: Counts): void {
    const { invited, came_in, waiting, revoked } = counts;
    const told = find(panel, "[data-sum]");
    told.textContent = word(revoked ? "came_in_of_and_revoked" : "came_in_of", { came_in, invited, revoked });
    told.hidden = invited === 0;
    tools.hidden = invited + revoked < MANY && !search.value && chips.which() === "all";
    find(panel, "[data-none]").hidden = invited + revoked > 0;
    chips.fill(counts);
    showWaiting(dialog, waiting);
  }

  /** How many there are of each, after something was changed; the rows stay where they are. */
  async function count(): Promise<void> {
    sum((await api<Listed>("GET", url(`/api/v1/media/${media}/invitations`, {}))).counts);
  }

  /** Puts the rows into this order; one that has the focus keeps it. */
  function arrange(rows: HTMLElement[]): void {
    if (rows.length === place.children.length && rows.every((row, at) => row === place.children[at])) return;
    const focused = document.activeElement;
    place.replaceChildren(...rows);
    if (focused instanceof HTMLElement && place.contains(focused)) focused.focus();
  }

  function tellApart(): void {
    const bearers = new Map<string, number>();
    for (const { name } of people) bearers.set(name, (bearers.get(name) ?? 0) + 1);
    for (const person of people) person.hasNamesake = bearers.get(person.name) !== 1;
  }

  /** Those behind `from`. A person who is shown already keeps the row, and what is unfolded in it. */
  async function load(from: string | null): Promise<Person[]> {
    const { invitations, after: next, counts } = await ask(from);
    const known = new Map(people.map((person) => [person.id, person]));
    const found = invitations.map((invitation) => {
      const person = known.get(invitation.id);
      person?.update(invitation);
      return person ?? personOf(invitation);
    });
    const fresh = found.filter(({ id }) => !known.has(id));
    people = from ? [...people, ...fresh] : found;
    arrange(people.map(({ row }) => row));
    tellApart();
    after = next;
    more.hidden = after === null;
    sum(counts);
    say(people.length || counts.invited + counts.revoked === 0 ? "" : word("nobody_found"));
    return fresh;
  }

  function failed(problem: unknown): void {
    if (problem instanceof DOMException && problem.name === "AbortError") return;
    say(message(problem));
    if (!panel.hidden) announce(message(problem));
  }

  /** Reads the list from its beginning; `aloud`, because somebody asked for another part of it. */
  function read(aloud = false): void {
    if (!people.length) say(word("loading"));
    void load(null)
      .then(() => aloud && announce(line.textContent || word("people_found", { count: people.length })))
      .catch(failed)
      .finally(resizeFrame);
  }

  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => read(true), PAUSE_MS);
  });
  panel.addEventListener("tab-shown", () => read());
  more.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("button")) return;
    void load(after)
      .then(([first]) => first?.button.focus())
      .catch(failed)
      .finally(resizeFrame);
  });
  dialog.addEventListener("close", () => {
    for (const person of people) person.unfold(false);
  });
  dialog.addEventListener("keydown", (event) => {
    // Escape takes a question back, and closes the window only where there is none.
    if (event.key !== "Escape" || !people.some((one) => one.dismiss())) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return read;
}
