"""What rooms above show on the media page: each slot, of one application."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import School, page_of
from flask import Flask
from flask.testing import FlaskClient
from invitation_scene import make_scene
from markupsafe import Markup

from lti_tool.media.models import MediaItem
from lti_tool.media.slots import MediaPageSlots, MenuItem, Panel, install, slots_of
from lti_tool.people.rules import Standing
from lti_tool.people.sessions import Principal


@pytest.fixture
def slots(app: Flask) -> Iterator[MediaPageSlots]:
    """The application's slots; after the test as they were before."""
    slots = slots_of(app)
    before = {name: list(fills) for name, fills in vars(slots).items()}
    yield slots
    for name, fills in before.items():
        getattr(slots, name)[:] = fills


@pytest.fixture
def page(app: Flask, school: School) -> str:
    """The address of a film's page, which the course shows."""
    return f"/media/{make_scene(app, school).media_id}"


def student(app: Flask, school: School) -> FlaskClient:
    with app.app_context():
        return page_of(app, school.launched("student"))


def staff(app: Flask, school: School) -> FlaskClient:
    with app.app_context():
        return page_of(app, school.launched("other", Standing.ASSISTANT))


def for_learners(text: str) -> Markup:
    return Markup("<p>{}</p>").format(text)


def lobby(principal: Principal, _item: MediaItem) -> Markup | None:
    return for_learners("The lobby") if principal.standing is Standing.LEARNER else None


def test_a_stage_takes_the_players_place_for_those_it_is_for(
    app: Flask, school: School, slots: MediaPageSlots, page: str
) -> None:
    slots.stage.append(lobby)
    shown = student(app, school).get(page).text
    assert "The lobby" in shown
    assert "<video" not in shown
    shown = staff(app, school).get(page).text
    assert "The lobby" not in shown
    assert "<video" in shown


def test_panels_stand_below_in_the_order_of_the_rooms(
    app: Flask, school: School, slots: MediaPageSlots, page: str
) -> None:
    slots.panel.append(lambda _who, item: Panel("chat", "Chat <1>", for_learners(item.title)))
    slots.panel.append(lambda _who, _item: None)
    slots.panel.append(lambda _who, _item: Panel("polls", "Polls", for_learners("Yes or no?")))
    shown = student(app, school).get(page).text
    assert '<section class="stack" id="chat" aria-labelledby="chat-title">' in shown
    assert '<h2 id="chat-title">Chat &lt;1&gt;</h2>' in shown
    assert shown.index("media-tools") < shown.index("Chat &lt;1&gt;") < shown.index("Yes or no?")


def test_a_script_is_loaded_after_the_first_paint(
    app: Flask, school: School, slots: MediaPageSlots, page: str
) -> None:
    slots.script.append(lambda who, _item: "upload.js" if who.kind == "launch" else None)
    shown = student(app, school).get(page).text
    assert 'import("/static/upload' in shown.partition("setTimeout(")[2].partition("</script>")[0]


def test_the_menu_has_its_order_whoever_comes_first(
    app: Flask, school: School, slots: MediaPageSlots, page: str
) -> None:
    slots.menu.insert(0, lambda _who, _item: MenuItem(99, "Last", "trash-2", href="/x"))
    slots.menu.append(lambda _who, _item: MenuItem(1, "First", "trash-2", href="/y"))
    shown = student(app, school).get(page).text
    assert shown.index("First") < shown.index("Last")


def test_each_application_has_slots_of_its_own() -> None:
    one, other = Flask("one"), Flask("other")
    for app in (one, other):
        install(app)
    slots_of(one).menu.append(lambda _who, _item: None)
    assert len(slots_of(one).menu) == 1
    assert not slots_of(other).menu
