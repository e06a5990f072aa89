/** Times are printed in UTC by the server; here they are put into the reader's own zone, named. */

const SHAPES: Record<string, Intl.DateTimeFormatOptions> = {
  date: { day: "numeric", month: "short", year: "numeric" },
  time: { hour: "numeric", minute: "2-digit", timeZoneName: "short" },
  datetime: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  },
};

/** An instant (ISO 8601) in the page's language and the reader's zone. */
export function formatTime(iso: string, shape: "date" | "time" | "datetime" = "datetime"): string {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return iso;
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, SHAPES[shape]).format(when);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** As one says it: today, yesterday, or the day, and the time; without the zone, for a short line. */
export function sayWhen(iso: string, now = new Date()): string {
  const when = new Date(iso);
  const language = document.documentElement.lang || undefined;
  const midnight = (day: Date): number => new Date(day).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(when) - midnight(now)) / DAY_MS);
  const time = new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(when);
  if (days === 0 || days === -1) {
    return `${new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day")} ${time}`;
  }
  const year = when.getFullYear() === now.getFullYear() ? undefined : "numeric";
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year }).format(when);
  return `${day} ${time}`;
}

/** Rewrites every <time data-time="date|time|datetime"> below `root`. */
export function formatTimes(root: ParentNode = document): void {
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-time]")) {
    const shape = element.dataset["time"];
    if (shape !== "date" && shape !== "time" && shape !== "datetime") continue;
    element.title ||= element.textContent?.trim() ?? "";
    element.textContent = formatTime(element.dateTime, shape);
  }
}
