"""LTI Advantage tool certification, §6.4: line items and scores that the tool makes by itself."""

from __future__ import annotations

from collections.abc import Callable

from factories import TestClock

from lti_tool.lti.launch import Launch
from lti_tool.lti.services import assignment_and_grade as grades
from lti_tool.lti.services.assignment_and_grade import LineItem, Score
from sandbox.platform import Platform
from sandbox.services import scopes

Launching = Callable[[str], Launch]


def test_6_4_a_learners_launch_tells_of_the_gradebook(suite: Platform, launch: Launching) -> None:
    told = launch("student-1").services
    assert told.lineitems_url == suite.services.lineitems_url("201")
    assert grades.LINE_ITEMS in told.grade_scopes
    assert grades.SCORES in told.grade_scopes


def test_6_4_the_tool_makes_a_line_item_and_sends_a_score(
    suite: Platform, launch: Launching, clock: TestClock
) -> None:
    told = launch("student-1")
    made = grades.create_line_item(
        told.platform, told.services, LineItem("Essay", 60, resource_id="essay", tag="grade")
    )
    assert made.address is not None
    score = Score(told.sub or "", clock.present, given=45, maximum=60, comment="Well read")
    grades.send_score(told.platform, told.services, made.address, score)

    book = suite.services.gradebook("201")
    (item,) = book.items.values()
    assert (item.label, item.maximum) == ("Essay", 60)
    ((result,),) = grades.results(told.platform, told.services, made.address)
    assert (result.sub, result.score, result.comment) == (told.sub, 45, "Well read")


def test_each_request_says_its_media_type_and_carries_the_scope_it_needs(
    suite: Platform, launch: Launching, clock: TestClock
) -> None:
    told = launch("student-1")
    made = grades.create_line_item(told.platform, told.services, LineItem("Essay", 60))
    assert made.address is not None
    score = Score(told.sub or "", clock.present, given=45, maximum=60)
    grades.send_score(told.platform, told.services, made.address, score)

    calls = {call.service: call for call in suite.services.calls if call.service != "token"}
    assert calls["lineitems"].content_type == grades.LINE_ITEM_TYPE
    assert calls["lineitems"].scopes == {scopes.LINEITEM}
    assert calls["scores"].content_type == grades.SCORE_TYPE
    assert calls["scores"].scopes == {scopes.SCORE}
