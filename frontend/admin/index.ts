/**
 * The settings page: says what a choice costs while it is being made, guards unsaved changes, and
 * saves without leaving the page, so that nothing typed is lost when saving does not work.
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
  return other.value.trim();
}

function put(setting: HTMLElement, value: string): void {
  const { radios, other } = controlsOf(setting);
  const radio = radios.find((one) => one.value === value) ?? radios.find((one) => !one.value);
  if (radio) radio.checked = true;
  if (radio?.value || !other) return;
  if (other.type === "checkbox") (other as HTMLInputElement).checked = value === "on";
  else other.value = value;
}

function warn(setting: HTMLElement): void {
  for (const warning of setting.querySelectorAll<HTMLElement>("[data-when]")) {
    warning.hidden = warning.dataset["when"] !== typed(setting);
  }
}

function start(form: HTMLFormElement): void {
  const settings = [...form.querySelectorAll<HTMLElement>(".setting")];
  const note = form.querySelector<HTMLElement>("[data-unsaved]");
  const said = form.querySelector<HTMLElement>("[data-said]");
  const changed = (): boolean => settings.some((one) => typed(one) !== storedOf(one)?.value);

  function look(): void {
    for (const setting of settings) warn(setting);
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
    for (const setting of settings) {
      const value = saved.values[setting.dataset["field"] ?? ""];
      if (value === undefined) continue; // a setting that the tool has no longer
      const stored = storedOf(setting);
      if (stored) stored.value = value;
      put(setting, value);
    }
    look();
    document.documentElement.style.setProperty("--accent", saved.values["accent_colour"] ?? "");
    say(word(saved.changed ? "settings_saved" : "settings_same"));
  });
  look();
}

const form = document.querySelector<HTMLFormElement>("form[data-guarded]");
if (form) start(form);
