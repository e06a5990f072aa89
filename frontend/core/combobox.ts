/** A text field with suggestions (ARIA combobox with a listbox); anything may still be typed. */

import { announce } from "./announce";
import { fill } from "./form";
import { resizeFrame } from "./frame";
import { word } from "./messages";

export interface Suggestion {
  /** what goes into the field */
  value: string;
  /** first line of the suggestion */
  label: string;
  /** second, quieter line */
  detail?: string;
  /** a word or two that set it apart from the others */
  mark?: string;
}

export interface Answer<Found extends Suggestion> {
  found: Found[];
  /** what one should know about where the suggestions come from; "" for nothing */
  note: string;
  /** there may be more in a moment */
  unfinished: boolean;
}

export interface ComboboxOptions<Found extends Suggestion> {
  find: (typed: string, signal: AbortSignal) => Promise<Answer<Found>>;
  chosen: (suggestion: Found) => void;
  /** characters needed before asking */
  from?: number;
}

const PAUSE_MS = 150;
const AGAIN_MS = 1500;
const MOST_AGAIN = 40;

function optionOf({ label, detail, mark }: Suggestion, id: string): HTMLLIElement {
  const option = document.createElement("li");
  option.id = id;
  option.setAttribute("role", "option");
  const first = document.createElement("span");
  first.textContent = label;
  option.append(first);
  if (detail) {
    const second = document.createElement("small");
    second.textContent = detail;
    option.append(second);
  }
  if (mark) {
    const badge = document.createElement("span");
    badge.className = "badge";
    badge.textContent = mark;
    option.append(badge);
  }
  return option;
}

export function combobox<Found extends Suggestion>(
  input: HTMLInputElement,
  { find, chosen, from = 2 }: ComboboxOptions<Found>,
): void {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", word("suggestions"));
  const hint = document.createElement("p");
  hint.id = `${input.id}-note`;
  hint.className = "hint";
  hint.hidden = true;
  input.after(hint, list);
  input.parentElement?.classList.add("has-suggestions");
  input.autocomplete = "off";
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
    ["aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${hint.id}`.trim()],
  ] as const) {
    input.setAttribute(name, value);
  }

  let found: Found[] = [];
  let active = -1;
  let asking: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function activate(index: number): void {
    active = index;
    [...list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === active));
      if (at === active) option.scrollIntoView({ block: "nearest" });
    });
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${active}`);
  }

  function close(): void {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function show({ found: suggestions, note }: Answer<Found>): void {
    const known = hint.textContent;
    found = suggestions;
    list.replaceChildren(...suggestions.map((suggestion, at) => optionOf(suggestion, `${list.id}-${at}`)));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(suggestions.length > 0));
    hint.textContent = note;
    hint.hidden = !note;
    activate(-1);
    const count = suggestions.length ? word("suggestions_count", { count: suggestions.length }) : "";
    const news = [count, note === known ? "" : note].filter(Boolean).join(" ");
    if (news) announce(news);
    if (note !== known) resizeFrame();
  }

  function choose(index: number): void {
    const suggestion = found[index];
    if (!suggestion) return;
    fill(input, suggestion.value);
    close();
    chosen(suggestion);
  }

  /** `left`: how often to ask again while nothing is found and the answer is not finished. */
  async function ask(left = MOST_AGAIN): Promise<void> {
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const answer = await find(input.value.trim(), mine.signal);
      if (mine.signal.aborted || document.activeElement !== input) return;
      show(answer);
      if (answer.unfinished && !answer.found.length && left) {
        timer = setTimeout(() => void ask(left - 1), AGAIN_MS);
      }
    } catch {
      if (!mine.signal.aborted) close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < from) close();
    else timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && input.value.trim().length >= from) void ask();
      return;
    }
    if (event.key === "ArrowDown") activate(active + 1 >= found.length ? -1 : active + 1);
    else if (event.key === "ArrowUp") activate(active < 0 ? found.length - 1 : active - 1);
    else if (event.key === "Enter" && active >= 0) choose(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // The field keeps the focus; a finger that only scrolls the list chooses nothing.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest("[role=option]");
    if (option) choose([...list.children].indexOf(option));
  });
  input.addEventListener("blur", close);
}
