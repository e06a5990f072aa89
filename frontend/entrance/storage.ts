/**
 * What the LMS's own page keeps for us, where the browser keeps nothing in its frame
 * (1EdTech, LTI Client Side postMessages). Secrets go to one origin only, that of the platform's
 * registered authentication address; answers count only from there.
 */

export interface Place {
  /** "_parent", or the name of a frame beside ours. */
  frame: string;
  origin: string;
  key: string;
}

type Said = Record<string, unknown>;

const PATIENCE_MS = 2000;
/** With an LMS that has said what it can do: a page with sixty embedded items answers slowly. */
const LONG_PATIENCE_MS = 8000;
const CAPABILITIES_MS = 1000;
/** After this long it is said again: Canvas's frame beside ours may not listen yet. */
const AGAIN_MS = 400;
/** The spec's names first; older Sakais know the long ones only. */
const PREFIXES = ["lti.", "org.imsglobal.lti."];

class NoStorage extends Error {}

function asObject(data: unknown): Said {
  let read: unknown = data;
  if (typeof data === "string") {
    try {
      read = JSON.parse(data);
    } catch {
      return {};
    }
  }
  return typeof read === "object" && read !== null ? (read as Said) : {};
}

/** The window that frames us. (Whoever opened a window of ours is kept from it by its headers.) */
function around(): Window | null {
  return window.parent !== window ? window.parent : null;
}

/** One message and its answer. With origin "*" nothing secret may be said. */
function ask(target: Window, origin: string, message: Said, patience: number): Promise<Said> {
  const id = crypto.randomUUID();
  const wanted = `${String(message["subject"])}.response`;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(new NoStorage("no answer")), patience);
    const again = setInterval(say, AGAIN_MS);
    function finish(outcome: Said | NoStorage): void {
      clearTimeout(timer);
      clearInterval(again);
      window.removeEventListener("message", hear);
      if (outcome instanceof NoStorage) reject(outcome);
      else resolve(outcome);
    }
    function hear(event: MessageEvent): void {
      if (origin !== "*" && event.origin !== origin) return;
      const said = asObject(event.data);
      if (said["subject"] !== wanted || said["message_id"] !== id) return;
      // Sakai tells a text, the specification an object.
      finish(said["error"] ? new NoStorage("refused") : said);
    }
    function say(): void {
      try {
        target.postMessage({ ...message, message_id: id }, origin);
      } catch {
        finish(new NoStorage("not a target"));
      }
    }
    window.addEventListener("message", hear);
    say();
  });
}

interface Offer {
  prefix: string;
  frame: string;
  patience: number;
}

/** The messages that the platform says it understands; none where it says nothing. */
async function understood(): Promise<Said[]> {
  const outside = around();
  if (!outside) return [];
  const asked = PREFIXES.map((prefix) =>
    ask(outside, "*", { subject: `${prefix}capabilities` }, CAPABILITIES_MS),
  );
  const said = await Promise.any(asked).catch((): Said => ({}));
  return Array.isArray(said["supported_messages"]) ? said["supported_messages"].map(asObject) : [];
}

let capabilities: Promise<Said[]> | undefined;

/** What the platform says it can do; where it says nothing, what the login named. */
async function offers(place: Place, verb: string): Promise<Offer[]> {
  const usual = PREFIXES.map((prefix) => ({ prefix, frame: place.frame, patience: PATIENCE_MS }));
  const named = (await (capabilities ??= understood())).flatMap((one) => {
    const prefix = PREFIXES.find((known) => one["subject"] === known + verb);
    const frame = typeof one["frame"] === "string" ? one["frame"] : place.frame;
    return prefix ? [{ prefix, frame, patience: LONG_PATIENCE_MS }] : [];
  });
  return named.length ? named : usual;
}

function windowOf(frame: string): Window | null {
  const outside = around();
  if (!outside || frame === "_parent") return outside;
  try {
    return (outside.frames as unknown as Record<string, Window | undefined>)[frame] ?? null;
  } catch {
    return null; // no frame of that name: another site's window tells nothing else
  }
}

async function call(place: Place, verb: string, data: Said): Promise<Said> {
  for (const { prefix, frame, patience } of await offers(place, verb)) {
    const target = windowOf(frame);
    if (!target) continue;
    try {
      return await ask(target, place.origin, { subject: prefix + verb, ...data }, patience);
    } catch (error) {
      if (!(error instanceof NoStorage)) throw error;
    }
  }
  throw new NoStorage("no storage");
}

/** Whether the platform keeps the value now: it says so, and gives it back. */
export async function keep(place: Place, value: string): Promise<boolean> {
  try {
    await call(place, "put_data", { key: place.key, value });
    return (await recall(place)) === value;
  } catch (error) {
    if (error instanceof NoStorage) return false;
    throw error;
  }
}

/** What the platform kept, or nothing. */
async function recall(place: Place): Promise<string | undefined> {
  try {
    const said = await call(place, "get_data", { key: place.key });
    return typeof said["value"] === "string" && said["value"] ? said["value"] : undefined;
  } catch (error) {
    if (error instanceof NoStorage) return undefined;
    throw error;
  }
}

/** What the platform kept, once: it has little room for a tool, and an empty value makes some. */
export async function takeBack(place: Place): Promise<string | undefined> {
  const kept = await recall(place);
  if (kept !== undefined) void call(place, "put_data", { key: place.key, value: "" }).catch(() => undefined);
  return kept;
}

export function placeOf(element: HTMLElement): Place {
  const { frame = "", origin = "", key = "" } = element.dataset;
  return { frame, origin, key };
}
