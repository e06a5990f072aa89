// The page's ear, as Canvas has it. What a tool wants kept it says to a frame beside it, which is on
// the site of the logins and hands it on to this page; here it lies in localStorage, by the
// tool's origin. Errors are objects. Objects and JSON texts are both understood.
const MOST_LETTERS = 4096;
const MOST_KEYS = 500;
const forwarding = () => document.getElementById("post_message_forwarding");

const error = (code, message) => ({ error: { code, message } });

function spaceOf(origin) {
  const name = `lti_platform_storage|${origin}`;
  const values = JSON.parse(localStorage.getItem(name) ?? "{}");
  return { values, save: () => localStorage.setItem(name, JSON.stringify(values)) };
}

function lettersOf(values) {
  return Object.entries(values).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
}

const storage = {
  "lti.put_data": ({ key, value, message_id }, origin) => {
    if (!key) return error("bad_request", "Missing required 'key' parameter");
    if (!message_id) return error("bad_request", "Missing required 'message_id' parameter");
    const { values, save } = spaceOf(origin);
    if (value) values[key] = String(value);
    else delete values[key];
    if (lettersOf(values) > MOST_LETTERS || Object.keys(values).length > MOST_KEYS) {
      return error("storage_exhaustion", "Reached storage limit");
    }
    save();
    return { key, value };
  },
  "lti.get_data": ({ key, message_id }, origin) => {
    if (!key) return error("bad_request", "Missing required 'key' parameter");
    if (!message_id) return error("bad_request", "Missing required 'message_id' parameter");
    return { key, value: spaceOf(origin).values[key] ?? null };
  },
};

const page = {
  "lti.capabilities": () => ({
    supported_messages: [
      ...Object.keys(page).map((subject) => ({ subject })),
      ...(toolFrame().dataset.storage ? Object.keys(storage).map((subject) => ({ subject, frame: toolFrame().dataset.storage })) : []),
    ],
  }),
  "lti.frameResize": ({ height }) => {
    setHeight(height);
    return {};
  },
  "lti.fetchWindowSize": () => ({
    height: innerHeight,
    width: innerWidth,
    offset: toolFrame().getBoundingClientRect(),
    scrollY,
  }),
  "lti.scrollToTop": () => {
    toolFrame().scrollIntoView();
    return {};
  },
};

function answer(verbs, message, origin) {
  const verb = Object.hasOwn(verbs, message.subject) ? verbs[message.subject] : undefined;
  const said = verb ? verb(message, origin) : error("unsupported_subject", "Not supported");
  return { subject: `${message.subject}.response`, message_id: message.message_id, ...said };
}

addEventListener("message", (event) => {
  const message = asObject(event.data);
  if (!message?.subject) return;
  if (isTool(event.source)) {
    const kept = toolFrame().dataset.storage === "_parent" ? storage : {};
    event.source.postMessage(answer({ ...page, ...kept }, message, event.origin), event.origin);
  }
  if (message.forwarded && event.source === forwarding()?.contentWindow) {
    const said = answer(storage, message.forwarded, message.origin);
    const back = { subject: "forwarding.answer", number: message.number, said };
    event.source.postMessage(back, event.origin);
  }
});

// The tool is opened when the frame beside it listens.
let listening = false;

function openTool() {
  const tool = toolFrame();
  if (listening && tool?.dataset.src && !tool.src) tool.src = tool.dataset.src;
}

document.addEventListener(
  "load",
  (event) => {
    if (event.target !== forwarding()) return;
    listening = true;
    openTool();
  },
  true,
);
document.addEventListener("DOMContentLoaded", openTool);
