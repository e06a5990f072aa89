/** Pages of the way in. A form that opens a new window leaves a word behind in the frame. */

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-leaves]")) {
  form.addEventListener("submit", () => {
    const left = document.getElementById(form.dataset["leaves"] ?? "");
    if (!left) return;
    left.hidden = false;
    left.focus();
  });
}
