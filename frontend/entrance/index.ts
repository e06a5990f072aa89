/** Pages of the way in. */

import { ProblemError, api } from "../core/api";
import { type WayOn, close, isShown, startGate } from "./gate";
import { startComing, startLeaving } from "./leaving";
import { keep, placeOf, takeBack } from "./storage";

startLeaving();

/** One of two parts of a page: what is being tried, and what remains when it fails. */
function giveUp(trying: HTMLElement): void {
  trying.hidden = true;
  const otherwise = document.querySelector<HTMLElement>("[data-otherwise]");
  otherwise?.removeAttribute("data-otherwise");
}

/** At the login: leave with the platform what its launch will be recognised by, then go there. */
async function leave(trying: HTMLElement): Promise<void> {
  const { secret = "", next = "" } = trying.dataset;
  if (await keep(placeOf(trying), secret)) location.replace(next);
  else giveUp(trying);
}

/** At the launch: get it back, and let the server compare. */
async function comeBack(trying: HTMLElement): Promise<void> {
  const { state = "", token = "", recalled = "" } = trying.dataset;
  const kept = await takeBack(placeOf(trying));
  if (kept === undefined) {
    giveUp(trying);
    return;
  }
  try {
    const opened = await api<{ address: string; way: WayOn }>("POST", recalled, { state, id_token: token, kept });
    if (await isShown(opened.way)) location.replace(opened.address);
    else {
      trying.hidden = true;
      close(opened.way);
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    giveUp(trying);
    say(error);
  }
}

function say(problem: ProblemError): void {
  for (const [name, words] of Object.entries({ title: problem.title, detail: problem.detail })) {
    const place = document.querySelector<HTMLElement>(`[data-said=${name}]`);
    if (place && words) place.textContent = words;
  }
  const reference = document.querySelector<HTMLElement>("[data-said=reference]");
  if (!reference || !problem.reference) return;
  reference.hidden = false;
  reference.querySelector("code")!.textContent = problem.reference;
}

/** Back into a dialog of the LMS, which takes over the frame. Not where the reader came back to it. */
const handing = document.querySelector<HTMLFormElement>("form[data-hands-over]");
const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
if (handing && navigation?.type !== "back_forward") handing.submit();

const leaving = document.querySelector<HTMLElement>("[data-leave-with-platform]");
if (leaving) void leave(leaving);
const returning = document.querySelector<HTMLElement>("[data-recall-from-platform]");
if (returning) void comeBack(returning);
const gate = document.querySelector<HTMLElement>("[data-gate]");
if (gate) void startGate(gate);
const coming = document.querySelector<HTMLElement>("[data-comes-here]");
if (coming) startComing(coming, giveUp);
