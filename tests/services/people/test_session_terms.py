"""What a session is of and stands on: all that a tab of its own takes along."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

from factories import START, School, principal_of
from flask import Flask
from sqlalchemy import inspect

from lti_tool.core.db.session import transaction
from lti_tool.entrance.handover import hand_over
from lti_tool.lti.deep_linking_requests import keep_request
from lti_tool.lti.launch import DeepLinking
from lti_tool.people import handover_tickets
from lti_tool.people.models import ToolSession
from lti_tool.people.platform_switch import switch_off, switch_on
from lti_tool.people.rules import Impersonation, LinkShows, Standing
from lti_tool.people.session_store import TERMS
from lti_tool.people.sessions import Principal

OF_ITS_OWN = {"id", "handle", "secret_hash", "created_at", "seen_at", "first_used_at", "ended_at"}
"""What each session begins with anew, whatever it is made from."""

OF_GUESTS = {"scope"}


def with_every_term(school: School) -> Principal:
    """Somebody in a launch session, of whose terms none is left as it is where nobody says it."""
    switch_off(school.name)
    switch_on(school.name)
    back = "https://lms.example/back"
    with transaction():
        dialog = keep_request(
            DeepLinking(back, ("ltiResourceLink",), ("iframe",)),
            school.registration_id,
            school.deployment_id,
            None,
        )
    new = school.launched(
        "ada",
        Standing.MANAGER,
        through_deployment_id=school.deployment_id,
        resource_link_id=school.link(),
        link_shows=LinkShows.GALLERY,
        impersonation=Impersonation.ACTING_AS,
        acting_for="admin",
        deep_linking_id=dialog,
        return_url=back,
        stands_on="something",
        frame_origins=("https://lms.example",),
        locale="he",
        keep_until=START + timedelta(days=1),
        idle_seconds=60,
    )
    return principal_of(new)


def test_a_tab_of_its_own_keeps_every_term_but_the_frame(context: Flask, school: School) -> None:
    framed = with_every_term(school)
    terms = framed.terms
    unsaid = {one.name for one in fields(terms) if getattr(terms, one.name) in (one.default, 0)}
    assert unsaid == OF_GUESTS, "a new term is to be set in with_every_term"
    tab = hand_over(handover_tickets.issue(framed)).principal
    assert tab.terms == replace(terms, frame_origins=())


def test_each_column_of_a_session_is_a_term_or_its_own() -> None:
    """Who adds one decides whether a session that is made from another keeps it."""
    columns = {one.key for one in inspect(ToolSession).column_attrs}
    assert set(TERMS) | OF_ITS_OWN == columns
    assert not set(TERMS) & OF_ITS_OWN
