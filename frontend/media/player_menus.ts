/** The player's menus show the line that is chosen, however small the film. */

function reveal(menu: Element): void {
  const list = menu.querySelector<HTMLElement>(".vjs-menu-content");
  const chosen = list?.querySelector<HTMLElement>(".vjs-selected");
  if (!list || !chosen || list.clientHeight === 0) return;
  // Not scrollIntoView: that would move the page as well.
  list.scrollTop = chosen.offsetTop - (list.clientHeight - chosen.offsetHeight) / 2;
}

export function showChosen(player: Element): void {
  for (const button of player.querySelectorAll(".vjs-menu-button-popup")) {
    const opened = new ResizeObserver(() => reveal(button));
    const list = button.querySelector(".vjs-menu-content");
    // It gets its height in the moment in which it shows.
    if (list) opened.observe(list);
  }
}
