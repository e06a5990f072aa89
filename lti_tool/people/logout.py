"""Logout: ending what a browser holds when somebody else comes to it, or signs out."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import ColumnElement, and_, insert, or_, update

from lti_tool.core import audit
from lti_tool.core.audit import Actor, AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.session import transaction
from lti_tool.people.models import ToolSession
from lti_tool.people.rules import is_same_sitter, makes_way
from lti_tool.people.session_store import hold
from lti_tool.people.sessions import Principal, principals_of_cookies


def make_way(newcomer: Principal) -> list[str]:
    """End for good what somebody else of the newcomer's LMS left open in this browser.

    In a transaction of its own, before the newcomer's cookie is given out: where it fails, nobody
    has come.

    Gives the handles whose cookies are to be taken back. Guests' sessions and those of other LMSs
    stay, and all where the operator lets one browser be several people.
    """
    if current_app.extensions["foyer.config"].several_people:
        return []
    left = [
        one
        for one in principals_of_cookies()
        if one.kind == "launch" and makes_way(one.sitter, newcomer.sitter)
    ]
    return _end(left, newcomer.actor, "another_person")


def sign_out(principal: Principal) -> list[str]:
    """End the session, or all of the person's.

    After a launch that is all that this person has open in this browser by the same LMS. Gives the
    handles whose cookies are to be taken back.
    """
    ended = [principal]
    if principal.kind == "launch":
        ended += [
            one
            for one in principals_of_cookies()
            if one.kind == "launch" and is_same_sitter(one.sitter, principal.sitter)
        ]
    return _end(ended, principal.actor, "signed_out")


def _end(those: list[Principal], actor: Actor, why: str) -> list[str]:
    if not those:
        return []
    which = or_(*(_of_one_launch(one) for one in those))
    with transaction() as session:
        # Held first: a tab that is being handed over meanwhile is there when they are ended.
        hold(which)
        ended = session.execute(
            update(ToolSession)
            .where(which, ToolSession.ended_at.is_(None))
            .values(ended_at=now())
            .returning(ToolSession.id, ToolSession.person_id, ToolSession.institution_id)
            .execution_options(synchronize_session=False)
        ).all()
        records = [
            audit.row(
                "session.ended",
                institution_id=institution_id,
                actor=actor,
                subject=("session", session_id),
                details={"why": why, "person": person_id},
            )
            for session_id, person_id, institution_id in ended
        ]
        if records:
            session.execute(insert(AuditRecord), records)
    return sorted({one.handle for one in those})


def _of_one_launch(principal: Principal) -> ColumnElement[bool]:
    """Match the session, and those it was handed over to.

    Their tabs keep cookies of their own, which do not come with a request from a frame. They end in
    the same moment as the first.
    """
    if principal.kind == "guest":
        return ToolSession.id == principal.session_id
    return and_(
        ToolSession.kind == "launch",
        ToolSession.person_id == principal.person_id,
        ToolSession.acting_for.is_not_distinct_from(principal.acting_for),
        ToolSession.expires_at == principal.ends_at,
    )
