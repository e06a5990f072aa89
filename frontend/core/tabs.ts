/** Tabs: [role=tablist] with [role=tab aria-controls] and the panels they name. */

const started = new WeakSet<Element>();

function panelOf(tab: Element): HTMLElement | null {
  return document.getElementById(tab.getAttribute("aria-controls") ?? "");
}

/** Shows the tab's panel and fires "tab-shown" on it. */
export function showTab(tab: HTMLElement): void {
  const list = tab.closest("[role=tablist]");
  for (const other of list?.querySelectorAll<HTMLElement>("[role=tab]") ?? []) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = panelOf(other);
    if (panel) panel.hidden = !chosen;
  }
  panelOf(tab)?.dispatchEvent(new CustomEvent("tab-shown", { bubbles: true }));
}

function startTabs(list: HTMLElement): void {
  const tabs = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  list.addEventListener("click", (event) => {
    const tab = (event.target as Element).closest<HTMLElement>("[role=tab]");
    if (tab) showTab(tab);
  });
  list.addEventListener("keydown", (event) => {
    const here = tabs.indexOf(document.activeElement as HTMLElement);
    const forward = getComputedStyle(list).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    let next: number;
    if (event.key === forward) next = here + 1;
    else if (event.key === backward) next = here - 1;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = tabs.length - 1;
    else return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    if (!tab) return;
    showTab(tab);
    tab.focus();
  });
  const chosen = tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0];
  if (chosen) showTab(chosen);
}

export function startAllTabs(root: ParentNode = document): void {
  for (const list of root.querySelectorAll<HTMLElement>("[role=tablist]")) {
    if (started.has(list)) continue;
    started.add(list);
    startTabs(list);
  }
}
