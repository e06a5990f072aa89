/**
 * A form that a script sends in its own time does not bring the button that was pressed along, as
 * one that the browser sends does. A hidden field stands in for the button.
 */

/** Puts the pressed button's name and value into the form. */
export function keepSubmitter(form: HTMLFormElement, pressed: HTMLElement | null): void {
  forgetSubmitter(form);
  if (!(pressed instanceof HTMLButtonElement) || !pressed.name) return;
  const chosen = document.createElement("input");
  chosen.type = "hidden";
  chosen.name = pressed.name;
  chosen.value = pressed.value;
  chosen.dataset["pressed"] = "";
  form.append(chosen);
}

/** Takes out what an earlier try left in the form. */
export function forgetSubmitter(form: HTMLFormElement): void {
  form.querySelector("[data-pressed]")?.remove();
}
