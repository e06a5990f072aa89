// What the pages of all platforms need to talk with a tool in a frame.

/** A message as an object; null when it is none. Tools send objects or JSON texts. */
export function asObject(data) {
  if (typeof data !== "string") return typeof data === "object" ? data : null;
  try {
    const read = JSON.parse(data);
    return typeof read === "object" ? read : null;
  } catch {
    return null;
  }
}

export const frame = document.getElementById("tool_content");

export function setHeight(height) {
  const wanted = Number(height);
  if (wanted > 0) frame.style.height = `${Math.min(Math.max(wanted, 160), 20000)}px`;
}
