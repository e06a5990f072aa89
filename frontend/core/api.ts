import { ownHeaders, sessionHandle, url } from "./url";
import { word } from "./messages";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface FieldError {
  field: string;
  message: string;
}

/**
 * What RFC 9457 says went wrong; its message is the whole of it, in words that can be shown.
 * `status` 0: no answer came.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: FieldError[] = [],
    readonly reference = "",
    /** last part of the problem's type address */
    readonly slug = "",
    /** seconds after which it is worth trying again */
    readonly retryAfter = 0,
  ) {
    super(detail ? word("problem", { title, detail }) : title);
  }

  /** The session is gone (or sees this no longer): only a return through the course helps. */
  get lost(): boolean {
    return this.status === 401 || this.status === 404;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null) return [];
    const { field, message } = item as Record<string, unknown>;
    return [{ field: text(field), message: text(message) }];
  });
}

async function problemOf(response: Response): Promise<ProblemError> {
  let told: Record<string, unknown> = {};
  try {
    const read: unknown = await response.json();
    if (typeof read === "object" && read !== null) told = read as Record<string, unknown>;
  } catch {
    // A proxy in between may answer with a page; the status alone has to do.
  }
  const lost = sessionHandle() !== "" && (response.status === 401 || response.status === 404);
  return new ProblemError(
    response.status,
    lost ? word("session_lost") : text(told.title) || word("failed"),
    lost ? word("session_lost_return") : text(told.detail),
    fieldErrors(told.errors),
    text(told.reference),
    text(told.type).split(/[/:]/).pop() ?? "",
    Number(response.headers.get("Retry-After")) || 0,
  );
}

/**
 * One call to the tool. `path` is either a whole path or one below /api/v1/.
 * A body is sent as JSON, except the values of a form (URLSearchParams), which go as they are.
 * Gives the parsed answer (undefined when there is none) or throws a ProblemError;
 * an aborted call throws the signal's own AbortError.
 */
export async function api<Answer = unknown>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const address = url(path.startsWith("/") ? path : `/api/v1/${path}`);
  const headers: Record<string, string> = {
    ...ownHeaders(),
    Accept: "application/json, application/problem+json",
  };
  const call: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (signal) call.signal = signal;
  if (body instanceof URLSearchParams) call.body = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    call.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(address, call);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError(0, word("offline"), word("offline_retry"));
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204 || response.headers.get("Content-Length") === "0") {
    return undefined as Answer;
  }
  return (await response.json()) as Answer;
}
