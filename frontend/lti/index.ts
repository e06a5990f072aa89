/** The end of a registration: the LMS is told that its window may be closed. */

/** An object, which every LMS takes; it tells nothing, so it may go to whichever page frames us. */
const DONE = { subject: "org.imsglobal.lti.close" };

function goOn(): void {
  const opener = window.opener as Window | null;
  const lms = opener ?? window.parent;
  if (lms !== window) lms.postMessage(DONE, "*");
  const stayed = document.getElementById("closed");
  if (stayed) stayed.hidden = false;
}

const button = document.querySelector<HTMLButtonElement>("[data-registered]");
button?.addEventListener("click", goOn);
if (button?.dataset["byItself"] !== undefined) goOn();
