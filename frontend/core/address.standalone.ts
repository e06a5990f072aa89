/**
 * The answer to a form stands in the browser's history as the page that the form was on: reloading
 * it, and coming back to it, sends nothing again. That page is the answer's canonical address.
 */

const page = document.querySelector<HTMLLinkElement>("link[rel=canonical]");
if (page) history.replaceState(null, "", page.href);
