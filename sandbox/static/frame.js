// The tool in the frame says how high it is: {"subject": "lti.frameResize", "height": 900},
// as an object or as JSON text. Nobody else is listened to.
const frame = document.getElementById("tool_content");

function asObject(data) {
  if (typeof data !== "string") return data;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow) return;
  const message = asObject(event.data);
  if (!message || message.subject !== "lti.frameResize") return;
  const height = Number(message.height);
  if (height > 0) frame.style.height = `${Math.min(Math.max(height, 160), 20000)}px`;
});
