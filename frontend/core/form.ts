/** Forms: busy while they are sent, errors at their field, focus on the first of them. */

import { announce, hush } from "./announce";
import { ProblemError, type FieldError } from "./api";
import { word } from "./messages";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const KINDS = [HTMLInputElement, HTMLTextAreaElement, HTMLSelectElement];

function isControl(element: EventTarget | null): element is Control {
  return KINDS.some((kind) => element instanceof kind);
}

function controlNamed(form: HTMLFormElement, name: string): Control | undefined {
  const found = [...form.elements].find((item) => isControl(item) && item.name === name);
  return isControl(found ?? null) ? (found as Control) : undefined;
}

function errorPlace(form: HTMLFormElement, name: string): HTMLElement | null {
  return form.querySelector(`[data-field="${CSS.escape(name)}"] .error`);
}

export function clearErrors(form: HTMLFormElement): void {
  for (const place of form.querySelectorAll(".field .error")) place.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  form.querySelector(".form-problem")?.remove();
}

/**
 * Takes back what was said of a field whose value has changed, unless the very same is still wrong
 * with it.
 */
function mend({ target }: Event): void {
  if (!isControl(target)) return;
  const place = target.closest("[data-field]")?.querySelector(".error");
  if (!place?.textContent) return;
  if (target.willValidate && !target.validity.valid && place.textContent === complaint(target)) return;
  place.textContent = "";
  target.removeAttribute("aria-invalid");
}

/** Fills a field in for somebody, which then counts as changed. */
export function fill(control: Control, value: string): void {
  control.value = value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Puts each message at its field; those without a field stand above the form. */
export function showErrors(form: HTMLFormElement, errors: FieldError[], ...above: string[]): void {
  let first: Control | undefined;
  const rest = above;
  for (const { field, message } of errors) {
    const place = errorPlace(form, field);
    const control = controlNamed(form, field);
    if (!place) {
      rest.push(message);
      continue;
    }
    place.textContent = message;
    control?.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  if (rest.length) showAbove(form, rest);
  if (first) first.focus();
  else form.querySelector<HTMLElement>(".form-problem")?.focus();
}

function showAbove(form: HTMLFormElement, messages: string[]): void {
  form.querySelector(".form-problem")?.remove();
  const box = document.createElement("div");
  box.className = "notice bad form-problem";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  for (const message of messages) {
    const line = document.createElement("p");
    line.textContent = message;
    box.append(line);
  }
  form.prepend(box);
}

export function showProblem(form: HTMLFormElement, problem: unknown): void {
  if (!(problem instanceof ProblemError)) {
    showErrors(form, [], word("failed"));
    return;
  }
  const { errors, message, reference } = problem;
  if (errors.length) showErrors(form, errors);
  else showErrors(form, [], message, ...(reference ? [word("reference", { id: reference })] : []));
}

function complaint(control: Control): string {
  const { validity } = control;
  if (validity.valueMissing) return word(control.type === "file" ? "required_file" : "required");
  if (validity.typeMismatch && control instanceof HTMLInputElement && control.type === "email") {
    return word("not_an_email");
  }
  return control.validationMessage;
}

/** What the browser itself can tell is wrong with the form, in our words. */
export function complaints(form: HTMLFormElement): FieldError[] {
  return [...form.elements]
    .filter((item): item is Control => isControl(item) && item.willValidate && !item.validity.valid)
    .map((control) => ({ field: control.name, message: complaint(control) }));
}

export function setBusy(form: HTMLFormElement, busy: boolean): void {
  form.toggleAttribute("data-sending", busy);
  form.setAttribute("aria-busy", String(busy));
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    if (busy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/** Sends a form by script: `send` gets its values; a ProblemError it throws is shown. */
export function onSubmit(form: HTMLFormElement, send: (values: FormData) => Promise<void>): void {
  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.hasAttribute("data-sending")) return;
    clearErrors(form);
    const wrong = complaints(form);
    if (wrong.length) {
      showErrors(form, wrong);
      return;
    }
    setBusy(form, true);
    announce(word("sending"));
    send(new FormData(form))
      .catch((problem: unknown) => {
        setBusy(form, false);
        showProblem(form, problem);
      })
      .finally(() => {
        setBusy(form, false);
        hush(word("sending"));
      });
  });
}

/** Ordinary forms marked data-form: checked in our words, sent once, then marked busy. */
export function startForms(root: ParentNode = document): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-form]")) {
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
      clearErrors(form);
      const wrong = complaints(form);
      if (wrong.length || form.hasAttribute("data-sending")) {
        event.preventDefault();
        if (wrong.length) showErrors(form, wrong);
        return;
      }
      setBusy(form, true);
    });
  }
  // Before the field's own listeners, which may find something else wrong with the new value.
  document.addEventListener("input", mend, true);
  document.addEventListener("change", mend, true);
  document.addEventListener("reset", ({ target }) => target instanceof HTMLFormElement && clearErrors(target));
  root.querySelector<HTMLElement>(".field [aria-invalid=true]")?.focus();
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sending]")) setBusy(form, false);
  });
}
