// What the pages of all platforms need to talk with a tool in a frame. These are plain scripts that
// stand before the frame, so that nothing a tool says is said to an empty room.

/** A message as an object; null when it is none. Tools send objects or JSON texts. */
function asObject(data) {
  if (typeof data !== "string") return typeof data === "object" ? data : null;
  try {
    const read = JSON.parse(data);
    return typeof read === "object" ? read : null;
  } catch {
    return null;
  }
}

function toolFrame() {
  return document.getElementById("tool_content");
}

function isTool(source) {
  return source !== null && source === toolFrame()?.contentWindow;
}

function setHeight(height) {
  const wanted = Number(height);
  if (wanted > 0) toolFrame().style.height = `${Math.min(Math.max(wanted, 160), 20000)}px`;
}
