"""Every page in every state: no axe violation, no sideways scrolling, no console error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import page_states  # noqa: F401 - the scenes fill the gallery
from .conftest import StageIn
from .examined import COLOURS, axe_program, examined, too_wide, violations, with_long_names
from .gallery import SCENES, Stage, play_scene


@pytest.fixture
def stage(stage_in: StageIn) -> Iterator[Stage]:
    stage = stage_in("en")
    yield stage
    wrong = stage.clear()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_page(stage: Stage, name: str) -> None:
    view = play_scene(stage, name)
    wrong = examined(view)
    wrong += with_long_names(view, stage.names())
    assert not wrong, "\n".join(wrong)


def test_violations_would_be_seen(stage: Stage) -> None:
    page = stage.profile().tab()
    page.set_content("<p style='color: #999; width: 2000px'>faint</p><img src='data:,'>")
    page.evaluate(axe_program())

    told = " ".join(violations(page.main_frame))
    of_colours = " ".join(violations(page.main_frame, COLOURS))

    assert "color-contrast" in told
    assert "image-alt" in told
    assert "color-contrast" in of_colours
    assert "image-alt" not in of_colours
    assert too_wide(page.main_frame)


def test_what_leaves_a_card_in_a_dialog_would_be_seen(stage: Stage) -> None:
    page = stage.profile().tab()
    page.set_content(
        "<dialog><div class='card' style='width: 200px'>"
        "<p style='width: 220px'>x</p></div></dialog>"
    )
    page.evaluate("document.querySelector('dialog').showModal()")

    assert "card 220 > 200" in too_wide(page.main_frame)
