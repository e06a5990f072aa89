"""What goes back into a dialog of the LMS."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.deep_linking import (
    Chosen,
    ItemType,
    Sender,
    Wanted,
    content_items,
    response_claims,
)
from lti_tool.lti.platforms import FAMILIES, family_of
from lti_tool.lti.platforms.tool import HISTORIES

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = Sender("client-7", "https://canvas.instructure.com", "10408:7db4")
WANTED = Wanted(("ltiResourceLink",), ("iframe", "window"), False, False, None)
OWLS = Chosen(
    id="a" * 26,
    title="Owls <at> night & day",
    text="Tawny and barn owls.",
    launch_url="https://foyer.example/lti/launch",
    page_url="https://foyer.example/media/" + "a" * 26,
    width=800,
    height=640,
    points=100,
    custom={"media": "a" * 26, **HISTORIES},
)


def one(wanted: Wanted, chosen: Chosen = OWLS, family: str = "other") -> dict[str, Any]:
    (item,) = content_items([chosen], wanted, family_of(family))
    return item


def test_a_resource_link_names_launch_item_and_how_it_is_shown() -> None:
    assert one(WANTED) == {
        "type": "ltiResourceLink",
        "url": "https://foyer.example/lti/launch",
        "title": "Owls <at> night & day",
        "text": "Tawny and barn owls.",
        "custom": {
            "media": "a" * 26,
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
        },
        "iframe": {"width": 800, "height": 640},
    }


@pytest.mark.parametrize(
    ("targets", "hint"),
    [
        (("iframe", "window"), "iframe"),
        (("frame", "iframe", "window"), "iframe"),
        (("window",), "window"),
        (("embed",), None),
        ((), None),
    ],
)
def test_a_frame_is_asked_for_where_one_is_taken(
    targets: tuple[str, ...], hint: str | None
) -> None:
    item = one(replace(WANTED, accept_targets=targets))
    assert [name for name in ("iframe", "window") if name in item] == ([hint] if hint else [])


@pytest.mark.parametrize(
    ("types", "answered"),
    [
        (("link", "file", "html", "ltiResourceLink", "image"), ItemType.RESOURCE_LINK),
        (("file", "ltiResourceLink"), ItemType.RESOURCE_LINK),
        (("html", "link"), ItemType.LINK),
        (("html",), ItemType.HTML),
        (("file",), None),
        (("image",), None),
        ((), None),
    ],
)
def test_the_answer_is_of_a_type_that_is_accepted(
    types: tuple[str, ...], answered: ItemType | None
) -> None:
    wanted = replace(WANTED, accept_types=types)
    assert wanted.item_type is answered
    if answered is None:
        with pytest.raises(ValueError, match="nothing that we have"):
            content_items([OWLS], wanted, family_of("canvas"))
        assert content_items([], wanted, family_of("canvas")) == []
    else:
        assert one(wanted)["type"] == answered


def test_a_plain_link_leads_to_the_page_and_html_cannot_be_broken_out_of() -> None:
    link = one(replace(WANTED, accept_types=("link",)))
    assert link["url"] == OWLS.page_url
    assert "custom" not in link
    html = one(replace(WANTED, accept_types=("html",)))["html"]
    assert html == f'<p><a href="{OWLS.page_url}">Owls &lt;at&gt; night &amp; day</a></p>'


def test_a_gradebook_column_comes_only_where_it_is_taken_and_wanted() -> None:
    grading = replace(WANTED, accept_lineitem=True)
    line = {"label": OWLS.title, "scoreMaximum": 100, "resourceId": OWLS.id}
    assert one(grading)["lineItem"] == line
    assert "lineItem" not in one(WANTED)
    assert "lineItem" not in one(grading, replace(OWLS, points=None))
    assert "lineItem" not in one(replace(grading, accept_types=("link",)))


def test_several_only_where_several_are_taken() -> None:
    several = replace(WANTED, accept_multiple=True)
    assert len(content_items([OWLS] * 50, several, family_of("moodle"))) == 50
    for wanted, count in ((WANTED, 2), (several, 51)):
        with pytest.raises(ValueError, match="fewer items"):
            content_items([OWLS] * count, wanted, family_of("moodle"))


def test_sakai_is_advised_to_use_a_frame() -> None:
    advised = one(WANTED, family="sakai")
    assert advised["placementAdvice"] == {"presentationDocumentTarget": "iframe"}
    window = one(replace(WANTED, accept_targets=("window",)), family="sakai")
    assert "placementAdvice" not in window
    assert "placementAdvice" not in one(WANTED, family="canvas")


@pytest.mark.parametrize("family", FAMILIES)
@given(
    custom=st.dictionaries(st.text(max_size=9), st.text(max_size=9) | st.integers() | st.booleans())
)
def test_custom_values_are_texts(family: str, custom: dict[str, Any]) -> None:
    """Sakai breaks on anything else."""
    item = one(WANTED, replace(OWLS, custom=custom), family)
    assert all(isinstance(value, str) for value in item["custom"].values())
    assert set(item["custom"]) == set(custom)


def test_the_message_says_between_whom_it_goes() -> None:
    items = content_items([OWLS], WANTED, family_of("canvas"))
    claims = response_claims(SENDER, items, None, nonce="n", message_id="j", now=NOW)
    assert claims == {
        "iss": "client-7",
        "aud": "https://canvas.instructure.com",
        "azp": "client-7",
        "iat": 1772442000,
        "exp": 1772442300,
        "nonce": "n",
        "jti": "j",
        CLAIM + "deployment_id": "10408:7db4",
        CLAIM + "message_type": "LtiDeepLinkingResponse",
        CLAIM + "version": "1.3.0",
        DEEP_LINKING + "content_items": items,
    }


@given(data=st.none() | st.text())
def test_data_goes_back_as_it_came_and_only_then(data: str | None) -> None:
    claims = response_claims(SENDER, [], data, nonce="n", message_id="j", now=NOW)
    assert claims.get(DEEP_LINKING + "data") == data
    assert (DEEP_LINKING + "data" in claims) is (data is not None)
    assert claims[DEEP_LINKING + "content_items"] == []
    assert None not in json.loads(json.dumps(claims)).values()


@pytest.mark.parametrize(
    ("family", "placement", "graded"),
    [
        ("canvas", "assignment_selection", True),
        ("canvas", "link_selection", False),
        ("canvas", None, False),
        ("sakai", "assignment", True),
        ("sakai", "lessons", False),
        ("moodle", "assignment_selection", False),
    ],
)
def test_where_work_is_graded(family: str, placement: str | None, graded: bool) -> None:
    assert family_of(family).grades(placement) is graded


def test_sakai_says_in_a_dialog_where_it_was_opened() -> None:
    settings = {"https://www.sakailms.org/spec/lti-dl/placement": "lessons"}
    claims = {DEEP_LINKING + "deep_linking_settings": settings}
    assert family_of("sakai").placement(claims) == "lessons"
    assert family_of("sakai").placement({}) is None
    assert family_of("moodle").placement(claims) is None
