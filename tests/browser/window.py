"""The «Invite users» window, as somebody uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

Place = Frame | FrameLocator | Page


def open_menu(place: Place) -> Locator:
    place.get_by_role("button", name="More actions").click()
    menu = place.get_by_role("menu")
    expect(menu).to_be_visible()
    return menu


def choose(place: Place, line: str) -> None:
    """Press a line of the menu."""
    open_menu(place).get_by_role("menuitem", name=line).click()


def open_window(place: Place) -> Locator:
    open_menu(place).get_by_role("menuitem", name="Invite users").click()
    window = place.get_by_role("dialog", name="Invite users")
    expect(window).to_be_visible()
    return window


def fill(window: Locator, email: str, first: str = "Ada", last: str = "Lovelace") -> None:
    window.get_by_role("combobox", name="Email").fill(email)
    window.get_by_label("First Name").fill(first)
    window.get_by_label("Last Name").fill(last)


def generate(window: Locator) -> str:
    """Press the button; gives the link that is shown."""
    window.get_by_role("button", name="Generate invite link").click()
    link = window.get_by_role("tabpanel", name="One person").get_by_label("Invitation link")
    expect(link).to_be_visible()
    return link.input_value()


def invite(
    place: Place, email: str, first: str = "Ada", last: str = "Lovelace", *, one_name: bool = False
) -> str:
    """The whole of it, and the window closed again."""
    window = open_window(place)
    fill(window, email, first, "" if one_name else last)
    if one_name:
        window.get_by_label("only one name").check()
    link = generate(window)
    window.get_by_role("button", name="Done").click()
    expect(window).to_be_hidden()
    return link


def show_people(window: Locator) -> Locator:
    """Choose the tab «Invitations»; the list of people."""
    window.get_by_role("tab", name="Invitations").click()
    people = window.get_by_role("tabpanel", name="Invitations")
    expect(people.get_by_role("listitem").first).to_be_visible()
    return people


def unfold(people: Locator, name: str) -> Locator:
    """Show the details of whoever has this name or address; the person's row."""
    row = people.get_by_role("listitem").filter(has_text=name)
    row.get_by_role("heading").get_by_role("button").click()
    expect(row.get_by_role("button", name="Revoke").or_(_again(row)).first).to_be_visible()
    return row


def _again(row: Locator) -> Locator:
    return row.get_by_role("button", name="Invite again")


@contextmanager
def entry(place: Place, email: str) -> Iterator[Locator]:
    """Somebody's row in the tab «Invitations», unfolded; the window is closed afterwards."""
    window = open_window(place)
    yield unfold(show_people(window), email)
    window.get_by_role("button", name="Close").click()
    expect(window).to_be_hidden()


def renew(place: Place, email: str) -> str:
    """A new link for somebody who was invited before."""
    with entry(place, email) as found:
        found.get_by_role("button", name="Make a new link").click()
        question, link = found.get_by_role("group"), found.get_by_label("Invitation link")
        expect(question.or_(link)).to_be_visible()
        if question.is_visible():
            question.get_by_role("button").last.click()
        expect(link).to_be_visible()
        return link.input_value()
