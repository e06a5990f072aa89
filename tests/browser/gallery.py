"""Every page in every state that people meet, to be examined and to be looked at.

A scene opens one of them and gives the tab and the document it is about. What it needs before
(links, people, settings) it makes itself, so scenes can be taken in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.sync_api import Frame, Page, expect

from sandbox.courses import COURSES, Link

from .people import FRAME, LAPTOP, SCRIPTED, Profile, tool_frame
from .world import COURSE, INSTRUCTOR, World

SECOND_SCHOOL = "southgate"


@dataclass(frozen=True)
class View:
    """A tab, and the document in it that is meant."""

    page: Page
    frame: Frame

    @property
    def framed(self) -> bool:
        return self.frame != self.page.main_frame


Make = Callable[..., Profile]
Open = Callable[["Stage"], View]
SCENES: dict[str, Open] = {}

_PEOPLE = count(1)
"""Several stages of one world invite nobody twice: what became of one is not the next one's."""


LAYOUTS = {
    "media": "film-with-menu-open",
    "guest": "guest-at-the-film",
    "own window": "film-in-a-window",
    "document": "document-framed",
    "inviting": "invite-window-with-suggestions",
    "invitations": "invitation-about-to-be-revoked",
    "asking first": "delete-window",
    "choosing": "picker",
    "choosing several": "dialog-with-errors",
    "gallery": "gallery-of-an-instructor",
    "form": "adding-a-file-that-arrived",
    "settings": "settings-with-an-error-and-a-warning",
    "question": "opening-without-an-answer",
    "word": "dialog-of-a-student",
    "refusal": "refused-other-device",
    "steps": "registered-in-canvas",
    "values": "setup-by-hand",
    "bare": "probe-without-script",
    "sandbox": "sandbox-activity",
}
"""How pages are laid out, and the scene that stands for all that are laid out like it."""
LAID_OUT: dict[str, str] = {}


def scene(layout: str) -> Callable[[Open], Open]:
    """A scene shows a page of one of the layouts; a new kind of page is a new one."""
    assert layout in LAYOUTS, layout

    def take(play: Open) -> Open:
        name = play.__name__.replace("_", "-")
        SCENES[name], LAID_OUT[name] = play, layout
        return play

    return take


@dataclass
class Stage:
    """Where scenes are played, one after the other. Who invites for them stays on it."""

    world: World
    make: Make
    size: tuple[int, int] = LAPTOP
    invitees: set[str] = field(default_factory=set)
    _present: list[Profile] = field(default_factory=list)
    _regulars: dict[str, Profile] = field(default_factory=dict)
    _inviting: dict[str, tuple[Profile, Frame]] = field(default_factory=dict)

    def profile(self, **options: Any) -> Profile:
        person = self.make(self.size, reduced_motion="reduce", **options)
        person.expects(400, 401, 403, 404, 410, 422, 429, 502)
        self._present.append(person)
        return person

    def regular(self, user: str) -> Profile:
        """The browser of somebody in the course; it comes back, with all that it has cached."""
        if user not in self._regulars:
            self._regulars[user] = self.profile()
            self._present.remove(self._regulars[user])
        return self._regulars[user]

    def clear(self) -> list[str]:
        """The scene is over; gives what went wrong in it."""
        wrong = [complaint for one in self._present for complaint in one.close()]
        self._present.clear()
        for person in self._regulars.values():
            for page in person.context.pages:
                page.close()
            wrong += person.wrong
            person.wrong.clear()
        return wrong

    def names(self) -> list[str]:
        """Whom and what the pages name: schools, people, courses, media, files."""
        schools = self.world.platform.schools
        links = [link for course in COURSES for link in self.world.platform.links(course.id)]
        return [
            *(school.name for school in schools),
            *(person.name for school in schools for person in school.people),
            *(course.title for course in COURSES),
            *(link.title for link in links if "media" in link.custom),
            *(file.name for file in self.world.samples.iterdir()),
            *self.invitees,
        ]

    def close(self) -> None:
        inviting = [person for person, _frame in self._inviting.values()]
        for one in [*self._present, *self._regulars.values(), *inviting]:
            one.close()

    def framed(self, user: str = INSTRUCTOR, link: str | Link = "video", school: str = "") -> View:
        """An activity, with the tool in its frame."""
        page = self.regular(user).tab(self._activity(user, link, school))
        page.frame_locator(FRAME).locator(SCRIPTED).wait_for()
        return View(page, tool_frame(page))

    def alone(self, address: str, **options: Any) -> View:
        """A page of the tool in a tab of its own."""
        page = self.profile(**options).tab(address)
        return View(page, page.main_frame)

    def invited(self, school: str = "", name: str = "Ada Lovelace") -> tuple[str, str]:
        """A new invitation to the film: the address, the link."""
        first, last = name.split(" ", 1)
        email = f"{first}.{next(_PEOPLE)}@example.org".lower()
        return email, self.invited_as(email, first, last, school)

    def invited_as(self, email: str, first: str, last: str, school: str = "") -> str:
        """The link for this address; a new one where it was invited before."""
        self.invitees.update((f"{first} {last}", email))
        answer = self._inviter(school).evaluate(
            """async ([media, body]) => {
                const handle = document.querySelector('meta[name=foyer-session]').content;
                const answer = await fetch(`/api/v1/media/${media}/invitations?as=${handle}`, {
                    method: 'POST', body: JSON.stringify(body),
                    headers: {'Content-Type': 'application/json'},
                });
                const made = await answer.json();
                if (made.created) return made;
                const again = `/api/v1/invitations/${made.invitation.id}/new-link?as=${handle}`;
                return (await fetch(again, {method: 'POST'})).json();
            }""",
            [
                self.film(school),
                {"email": email, "first_name": first, "last_name": last, "type": "viewer"},
            ],
        )
        link: str = answer["link"]
        return link

    def _inviter(self, school: str) -> Frame:
        """The film with its instructor, in a browser that stays."""
        if school not in self._inviting:
            person = self.make(self.size)
            page = person.tab(self._activity(INSTRUCTOR, self.film_link(school), school))
            page.frame_locator(FRAME).locator(SCRIPTED).wait_for()
            self._inviting[school] = person, tool_frame(page)
        return self._inviting[school][1]

    def _activity(self, user: str, link: str | Link, school: str) -> str:
        return self.world.activity(user, link, **({"school": school} if school else {}))

    def film_link(self, school: str) -> Link:
        links = self.world.platform.links(COURSE, school or None)
        return next(link for link in links if link.kind == "video")

    def film(self, school: str = "") -> str:
        return self.film_link(school).custom["media"]


@contextmanager
def without_scripts(page: Page) -> Iterator[None]:
    """Pages that this tab loads meanwhile run no scripts; they can be examined afterwards.

    What they show instead of scripts would vanish then, so it is kept as an ordinary part.
    """
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    yield
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    session.detach()
    page.evaluate(
        """() => document.querySelectorAll('noscript').forEach(one => {
            const kept = document.createElement('div');
            kept.append(...one.childNodes);
            one.replaceWith(kept);
        })"""
    )


def title(view: View, words: str) -> View:
    """Wait until the page with this title is there."""
    expect(view.frame.get_by_role("heading", level=1)).to_contain_text(words)
    return view


def play_scene(stage: Stage, name: str) -> View:
    return SCENES[name](stage)
