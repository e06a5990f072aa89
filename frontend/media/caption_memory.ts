/** Whether somebody reads captions, and in which language: remembered on this device for the next film. */

const KEY = "foyer-captions";
export const OFF = "off";
let chosenHere = "";

/** A language, "off", or nothing where nothing was chosen yet or nothing may be kept. */
export function rememberedCaptions(): string {
  if (chosenHere) return chosenHere;
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberCaptions(chosen: string): void {
  chosenHere = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // In frames that may keep nothing it holds for this page.
  }
}

function base(language: string): string {
  return language.split("-")[0]!.toLowerCase();
}

/** Which of these languages is meant by the first of the wanted ones that is among them; else -1. */
export function matching(languages: string[], wanted: readonly string[]): number {
  for (const one of wanted) {
    const whole = languages.indexOf(one);
    const found = whole < 0 ? languages.findIndex((language) => base(language) === base(one)) : whole;
    if (found >= 0) return found;
  }
  return -1;
}
