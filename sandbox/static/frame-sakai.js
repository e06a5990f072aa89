// The portal's ear, as Sakai has it: storage in the page's memory, gone when it is loaded anew; an
// error is a text; the height must come as JSON text; a frame is listened to after its launch was
// announced from the portal's own site.
const MOST = 300 * 1024;
const PREFIXES = ["lti.", "org.imsglobal.lti."];
const kept = new Map(); // by the sender's origin
let announced = false;

function spaceOf(origin) {
  if (!kept.has(origin)) kept.set(origin, new Map());
  return kept.get(origin);
}

function size(space) {
  let total = 0;
  for (const [key, value] of space) total += key.length + String(value).length;
  return total;
}

const verbs = {
  capabilities: () => ({
    supported_messages: PREFIXES.flatMap((prefix) =>
      Object.keys(verbs).map((verb) => ({ subject: prefix + verb, frame: "_parent" })),
    ),
  }),
  put_data: ({ key, value }, origin) => {
    if (!key || !value) return { error: "key and value are required" };
    const space = spaceOf(origin);
    const before = space.get(key);
    space.set(key, value);
    if (size(space) <= MOST) return { key, value };
    if (before === undefined) space.delete(key);
    else space.set(key, before);
    return { error: "storage_exhaustion" };
  },
  get_data: ({ key }, origin) => {
    const value = spaceOf(origin).get(key);
    return value ? { key, value } : { key, error: "Could not find key" };
  },
};

addEventListener("message", (event) => {
  if (!isTool(event.source)) return;
  const message = asObject(event.data);
  if (!message) return;
  const { subject, message_id } = message;
  if (subject === "org.sakailms.lti.prelaunch" && event.origin === location.origin) {
    announced = true;
    event.source.postMessage({ subject: `${subject}.response` }, event.origin);
    return;
  }
  if (!announced) return;
  if (subject === "lti.frameResize" && typeof event.data === "string") setHeight(message.height);
  if (subject === "lti.pageRefresh") location.reload();
  const prefix = PREFIXES.find((known) => subject?.startsWith(known));
  const verb = prefix && verbs[subject.slice(prefix.length)];
  if (!verb) return;
  const said = verb(message, event.origin);
  event.source.postMessage({ subject: `${subject}.response`, message_id, ...said }, event.origin);
});
