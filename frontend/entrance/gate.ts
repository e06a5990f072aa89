/**
 * Between a launch and its page, in a frame: whether the browser will show the page there, and what
 * is said and offered where it will not. (lti_tool/entrance/frame_ancestors.py says why.)
 */

export interface WayOn {
  allowed: string[];
  check: string;
  ticket: string;
  media_id: string;
  elsewhere: string;
  in_dialog: boolean;
}

const PATIENCE_MS = 5000;
/** After the frame has loaded something, that is how long its word may take to arrive. */
const GRACE_MS = 300;

/** A frame without an origin of its own: a sandbox without allow-same-origin. */
export function sealed(): boolean {
  return self.origin === "null";
}

function names(allowed: string, origin: string): boolean {
  const [head = "", tail] = allowed.split("*");
  return tail === undefined ? allowed === origin : origin.startsWith(head) && origin.endsWith(tail);
}

/** Those around us, the nearest first; undefined where the browser does not say. */
function around(): string[] | undefined {
  const said = (location as { ancestorOrigins?: DOMStringList }).ancestorOrigins;
  return said && [...said];
}

/** Has a frame of our own try whether it is shown here; it may stand where the session's pages may. */
function shownInTrial(check: string): Promise<boolean> {
  return new Promise((resolve) => {
    const trial = document.createElement("iframe");
    const timer = setTimeout(() => finish(false), PATIENCE_MS);
    function finish(shown: boolean): void {
      clearTimeout(timer);
      window.removeEventListener("message", hear);
      trial.remove();
      resolve(shown);
    }
    function hear(event: MessageEvent): void {
      if (event.source === trial.contentWindow && event.data === "foyer.shown") finish(true);
    }
    window.addEventListener("message", hear);
    trial.addEventListener("load", () => setTimeout(() => finish(false), GRACE_MS));
    trial.className = "visually-hidden";
    trial.title = document.title;
    trial.src = check;
    document.body.append(trial);
  });
}

/** Whether the session's pages are shown here. */
export async function isShown({ allowed, check }: Pick<WayOn, "allowed" | "check">): Promise<boolean> {
  if (sealed()) return false;
  if (around()?.every((origin) => allowed.some((one) => names(one, origin)))) return true;
  return shownInTrial(check);
}

/** Says what is the matter, and offers a window. */
export function close(way: Partial<WayOn>): void {
  const closed = document.querySelector<HTMLElement>("[data-gate-closed]");
  if (!closed) return;
  const part = (mark: string): HTMLElement | null => closed.querySelector<HTMLElement>(mark);
  if (way.ticket) {
    closed.querySelector<HTMLInputElement>("[name=ticket]")!.value = way.ticket;
    closed.querySelector<HTMLInputElement>("[name=media_id]")!.value = way.media_id ?? "";
    closed.querySelector<HTMLInputElement>("#gate-address")!.value = way.elsewhere ?? "";
    closed.querySelector<HTMLAnchorElement>("[data-sealed-way] a")!.href = way.elsewhere ?? "";
  }
  if (way.in_dialog !== undefined) {
    part("[data-for=window]")!.hidden = way.in_dialog;
    part("[data-for=dialog]")!.hidden = !way.in_dialog;
  }
  if (sealed()) {
    // A form sent from here would count as another site's.
    part("[data-why=around]")!.hidden = true;
    part("[data-why=sealed]")!.hidden = false;
    part("form")!.hidden = true;
    part("[data-sealed-way]")!.hidden = false;
  }
  const strangers = (around() ?? []).filter((origin) => !way.allowed?.some((one) => names(one, origin)));
  const told = part("[data-around]");
  if (told && strangers.length && !sealed()) {
    told.querySelector("bdi")!.textContent = [...new Set(strangers)].join(", ");
    told.hidden = false;
  }
  closed.hidden = false;
  document.title = closed.querySelector<HTMLElement>("[data-for]:not([hidden]) h1")?.textContent ?? document.title;
}

/** The page that answers a launch. */
export async function startGate(gate: HTMLElement): Promise<void> {
  const { gate: address = "", check = "", allowed = "[]" } = gate.dataset;
  const way = { allowed: JSON.parse(allowed) as string[], check };
  if (await isShown(way)) location.replace(address);
  else close(way);
}
