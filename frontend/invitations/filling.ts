/** What the form fills in of a person: from a suggestion, from a pasted name, to invite again. */

import { fill } from "../core/form";
import { takeApart, type Named } from "./address";
import { find } from "./shared";

const NOBODY = { email: "", first: "", last: "", oneName: false };

export class Filling {
  readonly email: HTMLInputElement;
  readonly first: HTMLInputElement;
  readonly last: HTMLInputElement;
  readonly oneName: HTMLInputElement;
  private filled = NOBODY;

  constructor(form: HTMLFormElement) {
    this.email = find(form, "[name=email]");
    this.first = find(form, "[name=first_name]");
    this.last = find(form, "[name=last_name]");
    this.oneName = find(form, "[name=one_name]");
    this.email.addEventListener("change", () => this.look());
    this.email.addEventListener("input", (event) => {
      if (event instanceof InputEvent && event.inputType.startsWith("insertFrom")) this.look();
    });
    form.addEventListener("reset", () => (this.filled = NOBODY));
    this.startOneName(form);
  }

  /**
   * What was filled in for somebody else goes. Names that were typed stay, and where one was, the
   * other is left to be typed too.
   */
  put({ email, first, last }: Named, mayHaveOneName = false): void {
    const before = this.filled;
    this.filled = { email, first, last, oneName: false };
    if (this.email.value !== email) fill(this.email, email);
    const names = [
      { field: this.first, ours: before.first, name: first },
      { field: this.last, ours: before.last, name: last },
    ];
    const typed = names.filter(({ field, ours }) => field.value.trim() && field.value !== ours);
    for (const one of names.filter((each) => !typed.includes(each))) {
      const empty = !one.field.value.trim();
      if (empty ? one.name && !typed.length : one.field.value !== one.name) fill(one.field, one.name);
    }
    const oneName = mayHaveOneName && Boolean(first) && !this.last.value;
    this.filled = { ...this.filled, oneName };
    const wrong = before.oneName || Boolean(last && this.last.value);
    if (oneName ? !this.oneName.checked : this.oneName.checked && wrong) this.oneName.click();
  }

  /** A name that was pasted along with the address is filled in; one for another address goes. */
  private look(): void {
    const typed = this.email.value;
    const named = takeApart(typed);
    if (named) this.put(named);
    else if (typed !== this.filled.email) this.put({ ...NOBODY, email: typed });
  }

  /** Somebody with one name needs no other; what was typed before comes back with the box. */
  private startOneName(form: HTMLFormElement): void {
    const look = (): void => {
      this.last.disabled = this.oneName.checked;
      this.last.dispatchEvent(new Event("change", { bubbles: true }));
    };
    this.oneName.addEventListener("change", look);
    form.addEventListener("reset", () => setTimeout(look));
  }
}
