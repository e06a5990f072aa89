/** A text field with suggestions (ARIA combobox with a listbox); anything may still be typed. */

import { announce } from "./announce";
import { word } from "./words";

export interface Suggestion {
  /** what goes into the field */
  value: string;
  /** first line of the suggestion */
  label: string;
  /** second, quieter line */
  detail?: string;
}

export interface ComboboxOptions<Found extends Suggestion> {
  find: (typed: string, signal: AbortSignal) => Promise<Found[]>;
  chosen: (suggestion: Found) => void;
  /** characters needed before asking */
  from?: number;
}

const PAUSE_MS = 150;

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
  input.after(list);
  input.parentElement?.classList.add("has-suggestions");
  input.autocomplete = "off";
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
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

  function show(suggestions: Found[]): void {
    found = suggestions;
    list.replaceChildren(
      ...suggestions.map((suggestion, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        const label = document.createElement("span");
        label.textContent = suggestion.label;
        option.append(label);
        if (suggestion.detail) {
          const detail = document.createElement("small");
          detail.textContent = suggestion.detail;
          option.append(detail);
        }
        return option;
      }),
    );
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(suggestions.length > 0));
    activate(-1);
    if (suggestions.length) announce(word("suggestions_count", { count: suggestions.length }));
  }

  function choose(index: number): void {
    const suggestion = found[index];
    if (!suggestion) return;
    input.value = suggestion.value;
    close();
    chosen(suggestion);
  }

  async function ask(): Promise<void> {
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const suggestions = await find(input.value.trim(), mine.signal);
      if (!mine.signal.aborted && document.activeElement === input) show(suggestions);
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
