"""LTI Advantage tool certification, §6.3: who is in the course of a launch."""

from __future__ import annotations

from collections.abc import Callable

from lti_tool.lti.launch import Launch
from lti_tool.lti.services.names_and_roles import Member, members
from sandbox.platform import Platform
from sandbox.services import scopes

Launching = Callable[[str], Launch]

CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def roster(launch: Launch) -> list[Member]:
    address = launch.services.memberships_url
    assert address is not None
    return [one for page in members(launch.platform, address) for one in page]


def test_6_3_1_an_instructors_launch_tells_where_the_roster_is(
    suite: Platform, launch: Launching
) -> None:
    told = launch("instructor-1").services.memberships_url
    assert told == suite.services.memberships_url("201")


def test_6_3_2_the_request_is_received_and_its_answer_read(
    suite: Platform, launch: Launching
) -> None:
    found = {one.sub: one for one in roster(launch("instructor-1"))}
    people = suite.schools[0].people
    assert set(found) == {person.sub for person in people}
    assert {one.email for one in found.values()} == {person.email for person in people}


def test_6_3_3_the_header_says_which_json_is_understood(suite: Platform, launch: Launching) -> None:
    roster(launch("instructor-1"))
    asked = [call for call in suite.services.calls if call.service == "memberships"]
    assert [call.status for call in asked] == [200]
    assert CONTAINER in asked[0].accept


def test_6_3_4_and_5_the_bearer_is_the_tools_own_and_for_this_scope_only(
    suite: Platform, launch: Launching
) -> None:
    roster(launch("instructor-1"))
    token, asked = suite.services.calls
    assert (token.service, token.status) == ("token", 200)
    assert asked.client_id == suite.schools[0].client_id
    assert asked.scopes == {scopes.MEMBERSHIPS}


def test_the_next_reading_needs_no_new_token(suite: Platform, launch: Launching) -> None:
    told = launch("instructor-1")
    roster(told)
    roster(told)
    assert [call.service for call in suite.services.calls].count("token") == 1
