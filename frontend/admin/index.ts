/**
 * The settings page: says what a choice costs while it is being made, guards unsaved changes, and
 * saves without leaving the page, so that nothing typed is lost when saving does not work. In an
 * LMS's frame, which is as high as the page, nothing can stay at the lower edge of the screen: so the
 * way to save stands beside what was changed.
 */

import { api } from "../core/api";
import { onSubmit } from "../core/form";
import { resizeFrame } from "../core/frame";
import { word } from "../core/messages";

interface Saved {
  changed: number;
  /** every setting in force, as it is typed */
  values: Record<string, string>;
}

const UNLIMITED = "-1";

type Control = HTMLInputElement | HTMLTextAreaElement;

/** The radio button that is chosen, and the field beside or instead of radio buttons. */
function controlsOf(setting: HTMLElement): { radios: HTMLInputElement[]; other: Control | null } {
  return {
    radios: [...setting.querySelectorAll<HTMLInputElement>("input[type=radio]")],
    other: setting.querySelector<Control>("input:not([type=radio], [type=hidden]), textarea"),
  };
}

/** The hidden field that tells the server which value was stored when this page showed it. */
function storedOf(setting: HTMLElement): HTMLInputElement | null {
  return setting.querySelector<HTMLInputElement>("input[data-stored]");
}

/** What the setting says now, as it is typed. */
function typed(setting: HTMLElement): string {
  const { radios, other } = controlsOf(setting);
  const chosen = radios.find((radio) => radio.checked)?.value;
  if (chosen || !other) return chosen ?? "";
  if (other.type === "checkbox") return (other as HTMLInputElement).checked ? "on" : "off";
  if (unlimitedOf(setting)?.checked) return UNLIMITED;
  const amount = other.value.trim();
  const much = Number(unitOf(setting)?.selectedOptions[0]?.dataset["much"] ?? 1);
  return /^[0-9]+$/.test(amount) ? String(Number(amount) * much) : amount;
}

/** What a duration is counted in. */
function unitOf(setting: HTMLElement): HTMLSelectElement | null {
  return setting.querySelector("select");
}

function unlimitedOf(setting: HTMLElement): HTMLInputElement | null {
  return setting.querySelector<HTMLInputElement>("input[data-unlimited]");
}

/** Shows a number that is stored, in the largest unit of which it is a whole number. */
function putNumber(setting: HTMLElement, control: Control, value: string): void {
  const unlimited = unlimitedOf(setting);
  if (unlimited) unlimited.checked = value === UNLIMITED;
  if (unlimited?.checked) return;
  const unit = unitOf(setting);
  const much = (option: HTMLOptionElement): number => Number(option.dataset["much"]);
  const fitting = [...(unit?.options ?? [])].filter((option) => Number(value) % much(option) === 0).at(-1);
  if (unit && fitting) unit.value = fitting.value;
  control.value = fitting ? String(Number(value) / much(fitting)) : value;
}

function put(setting: HTMLElement, value: string): void {
  const { radios, other } = controlsOf(setting);
  const radio = radios.find((one) => one.value === value) ?? radios.find((one) => !one.value);
  if (radio) radio.checked = true;
  if (radio?.value || !other) return;
  if (other.type === "checkbox") (other as HTMLInputElement).checked = value === "on";
  else if (other instanceof HTMLInputElement && other.inputMode === "numeric") putNumber(setting, other, value);
  else other.value = value;
}

/** No limit leaves no number to type. */
function limit(setting: HTMLElement): void {
  const unlimited = unlimitedOf(setting);
  const { other } = controlsOf(setting);
  if (unlimited && other) other.disabled = unlimited.checked;
}

/** The way to save, beside a setting that was changed; or the word that it is saved. */
function offerSaving(setting: HTMLElement, unsaved: boolean, saved: boolean): void {
  const place = setting.querySelector<HTMLElement>("[data-save-here]");
  const button = place?.querySelector<HTMLElement>("button");
  const said = place?.querySelector<HTMLElement>(".saved-here");
  if (!place || !button || !said) return;
  place.hidden = !unsaved && !saved;
  button.hidden = !unsaved;
  said.hidden = unsaved || !saved;
}

function warn(setting: HTMLElement): void {
  for (const warning of setting.querySelectorAll<HTMLElement>("[data-when]")) {
    warning.hidden = warning.dataset["when"] !== typed(setting);
  }
}

/** The button beside a setting goes when it has saved: whoever pressed it stays at that setting. */
function keepFocus(): void {
  const setting = document.activeElement?.closest("[data-save-here]")?.closest<HTMLElement>(".setting");
  if (!setting) return;
  const { radios, other } = controlsOf(setting);
  const control = radios.find((radio) => radio.checked) ?? other;
  control?.focus({ preventScroll: true });
}

function start(form: HTMLFormElement): void {
  const settings = [...form.querySelectorAll<HTMLElement>(".setting")];
  const note = form.querySelector<HTMLElement>("[data-unsaved]");
  const said = form.querySelector<HTMLElement>("[data-said]");
  const differs = (one: HTMLElement): boolean => typed(one) !== storedOf(one)?.value;
  const changed = (): boolean => settings.some(differs);

  function look(saved: HTMLElement[] = []): void {
    for (const setting of settings) {
      warn(setting);
      limit(setting);
      offerSaving(setting, differs(setting), saved.includes(setting));
    }
    if (note) note.hidden = !changed();
    resizeFrame();
  }

  function say(sentence: string): void {
    document.querySelector("[data-saved]")?.remove();
    if (said) said.textContent = sentence;
  }

  form.addEventListener("input", () => {
    say("");
    look();
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed()) event.preventDefault();
  });
  onSubmit(form, async (values) => {
    say("");
    const written = new URLSearchParams([...values].map(([name, value]) => [name, String(value)]));
    const saved = await api<Saved>("POST", form.getAttribute("action") ?? "", written);
    const anew = settings.filter(differs);
    for (const setting of settings) {
      const value = saved.values[setting.dataset["field"] ?? ""];
      if (value === undefined) continue; // a setting that the tool has no longer
      const stored = storedOf(setting);
      if (stored) stored.value = value;
      put(setting, value);
    }
    keepFocus();
    look(anew);
    document.documentElement.style.setProperty("--accent", saved.values["accent_colour"] ?? "");
    say(word(saved.changed ? "settings_saved" : "settings_same"));
  });
  look();
}

const form = document.querySelector<HTMLFormElement>("form[data-guarded]");
if (form) start(form);
