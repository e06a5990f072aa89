// Waits for the tool to say that it is done: {"subject": "org.imsglobal.lti.close"}. The product
// decides in which form that is heard, and whether any origin will do.
const { hears, origin, next } = document.getElementById("main").dataset;

function asObject(data) {
  if (typeof data !== "string") return hears.includes("object") ? data : null;
  if (!hears.includes("text")) return null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

window.addEventListener("message", (event) => {
  if (event.origin === window.location.origin) return;
  if (origin && event.origin !== origin) return;
  const message = asObject(event.data);
  if (message?.subject === "org.imsglobal.lti.close") window.top.location.href = next;
});
