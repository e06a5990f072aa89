/** The settings page: says what a choice costs while it is being made, and guards unsaved changes. */

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function valueOf(control: Control): string {
  if (control instanceof HTMLInputElement && control.type === "checkbox") {
    return control.checked ? "on" : "off";
  }
  return control.value.trim();
}

for (const setting of document.querySelectorAll<HTMLElement>(".setting")) {
  setting.addEventListener("input", (event) => {
    const control = event.target as Control;
    for (const warning of setting.querySelectorAll<HTMLElement>("[data-when]")) {
      warning.hidden = warning.dataset["when"] !== valueOf(control);
    }
  });
}

const form = document.querySelector<HTMLFormElement>("form[data-guarded]");
if (form) {
  const state = (): string =>
    JSON.stringify([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const saved = state();
  const note = form.querySelector<HTMLElement>("[data-unsaved]");
  let sent = false;
  form.addEventListener("input", () => {
    if (note) note.hidden = state() === saved;
  });
  form.addEventListener("submit", (event) => (sent = !event.defaultPrevented));
  window.addEventListener("beforeunload", (event) => {
    if (!sent && state() !== saved) event.preventDefault();
  });
}
