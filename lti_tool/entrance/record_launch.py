"""Arriving: a verified launch becomes a person, a course, a standing and a session, at once.

Most launches come from a place that is known: the deployment, the course and the link are there
and as they were. Those take a short way, two statements in all. The first launch from a place, or
after it was renamed, takes the long way. Both end in the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.audit import AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.conditional_write import Once, inserted, prefixed
from lti_tool.core.db.session import db, transaction
from lti_tool.core.db.upsert import upsert
from lti_tool.core.ids import new_id
from lti_tool.entrance import gallery, launch_identity
from lti_tool.lti import deployments
from lti_tool.lti.deep_linking_requests import keep_request
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.launching.receive import SPEND_LOGIN, consume, spending
from lti_tool.lti.models import Deployment
from lti_tool.media.opening import opens_again, with_last_opened
from lti_tool.people.models import Course, Membership, Person, ResourceLink, ToolSession
from lti_tool.people.persons import TOLD_BY_LMS, lms_person, visitor
from lti_tool.people.rules import Standing, is_of_the_course
from lti_tool.people.session_store import NewSession, launch_session_values
from lti_tool.people.sessions import Principal, launched_principal


@dataclass(frozen=True)
class _Place:
    """Where a launch comes from and who comes, by the ids of the rows."""

    deployment_id: str
    times_switched_off: int
    """Its registration and its deployment together, when both were found to be on."""
    course_id: str | None
    link_id: str | None
    person_id: str
    dialog_id: str | None = None
    opens: str | None = None
    """The item that the link goes on leading to, where nothing has to be written for that."""


@dataclass(frozen=True)
class Arrival:
    """Who has arrived: the session, its cookie, and the item to show if that is plain already."""

    principal: Principal
    new: NewSession
    opens: str | None


def arrive(launch: Launch) -> Arrival:
    """Record a launch and open its session. Raises Problem when the login was spent meanwhile or
    the deployment is not approved; then nothing is recorded."""
    stands = launch_identity.standing(launch)
    person = launch_identity.person_row(launch)
    place = _known_place(launch, person["id"]) if _is_usual(launch) else None
    if place is not None:
        try:
            return _take_short_way(launch, person, place, stands)
        except IntegrityError:
            # Somebody made the same new person, or removed the place, between look and write.
            db.session.rollback()
    try:
        return _take_long_way(launch, person, stands)
    except deployments.NotLetIn as refused:
        if not refused.switched_off:
            deployments.note_waiting(launch.platform, launch.deployment_id)
        raise refused.problem from refused


def _is_usual(launch: Launch) -> bool:
    """Whether the short way can be looked for: somebody opens a link as who they are."""
    return launch.deep_linking is None and launch_identity.impersonation(launch) is None


# The short way ----------------------------------------------------------------------------------

_KNOWN = Statement(
    with_last_opened(
        select(
            Deployment.id.label("deployment_id"),
            Deployment.times_switched_off,
            Person.id.label("person_id"),
            Course.id.label("course_id"),
            Course.title.label("course_title"),
            Course.memberships_url,
            ResourceLink.id.label("link_id"),
            ResourceLink.title.label("link_title"),
            ResourceLink.shows_gallery,
            ResourceLink.course_id.label("link_course_id"),
        )
        .join(
            ResourceLink,
            and_(
                ResourceLink.deployment_id == Deployment.id,
                ResourceLink.link_id == bindparam("link"),
            ),
        )
        .outerjoin(
            Person,
            and_(
                Person.registration_id == Deployment.registration_id, Person.sub == bindparam("sub")
            ),
        )
        .outerjoin(
            Course,
            and_(Course.deployment_id == Deployment.id, Course.context_id == bindparam("context")),
        )
        .where(
            Deployment.registration_id == bindparam("registration"),
            Deployment.deployment_id == bindparam("deployment"),
            Deployment.enabled,
        )
    )
)

_PERSON = inserted(
    Person,
    "person_",
    unique=("registration_id", "sub"),
    change=TOLD_BY_LMS,
)
_MEMBERSHIP = inserted(
    Membership,
    "membership_",
    unique=("person_id", "course_id"),
    change=("standing", "seen_at"),
)
_SESSION = inserted(
    ToolSession,
    "session_",
    empty=(
        "scope",
        "stands_on",
        "through_deployment_id",
        "keep_until",
        "idle_seconds",
        "first_used_at",
        "ended_at",
        "impersonation",
        "acting_for",
        "deep_linking_id",
    ),
)
_AUDIT = inserted(AuditRecord, "audit_")

_NOTE_IN_COURSE = Once(SPEND_LOGIN, _PERSON, _MEMBERSHIP, _SESSION, _AUDIT)
_NOTE_OUTSIDE = Once(SPEND_LOGIN, _PERSON, _SESSION, _AUDIT)


def _known_place(launch: Launch, new_person_id: str) -> _Place | None:
    """Where the launch comes from, if that is known and as it was; else None."""
    found = _KNOWN.rows(
        {
            "registration": launch.platform.id,
            "deployment": launch.deployment_id,
            "sub": launch.sub,
            "context": launch.context_id,
            "link": launch.link_id,
        },
    )
    if not found:
        return None
    known = found[0]
    same_course = (known.course_id is None) == (launch.context_id is None)
    told_of_link = (launch.link_title, gallery.is_shown_by(launch))
    same_titles = told_of_link == (known.link_title, known.shows_gallery) and (
        known.course_id is None
        or _told_of_course(launch) == (known.course_title, known.memberships_url)
    )
    if not same_course or not same_titles or known.link_course_id != known.course_id:
        return None
    person_id = known.person_id or new_person_id
    opens = opens_again(known.last_opened, known.chosen_here, launch.custom.get("media"))
    times = launch.platform.times_switched_off + known.times_switched_off
    return _Place(
        known.deployment_id, times, known.course_id, known.link_id, person_id, opens=opens
    )


def _told_of_course(launch: Launch) -> tuple[str, str | None]:
    return launch.context_title, launch.services.memberships_url


def _take_short_way(
    launch: Launch, person: dict[str, Any], place: _Place, stands: Standing
) -> Arrival:
    session, principal, new = _session(launch, person, place, stands)
    values = {
        **spending(launch.login_key),
        **prefixed("person_", {**person, "id": place.person_id}),
        **prefixed("session_", session),
        **prefixed("audit_", _audited(launch, place, principal)),
    }
    if place.course_id is not None:
        values |= prefixed("membership_", _membership(place, stands))
    note = _NOTE_OUTSIDE if place.course_id is None else _NOTE_IN_COURSE
    if not note.run(values):
        raise launch_errors.again("launch-used")
    return Arrival(principal, new, place.opens)


# The long way -----------------------------------------------------------------------------------


def _take_long_way(launch: Launch, person: dict[str, Any], stands: Standing) -> Arrival:
    with transaction() as session:
        consume(launch.login_key)
        place = _make_place(launch, person)
        if place.course_id is not None and is_of_the_course(launch_identity.impersonation(launch)):
            upsert(
                Membership,
                _membership(place, stands),
                unique=(Membership.person_id, Membership.course_id),
                change=("standing", "seen_at"),
                returning=Membership.person_id,
            )
        values, principal, new = _session(launch, person, place, stands)
        session.execute(insert(ToolSession), values)
        session.execute(insert(AuditRecord), _audited(launch, place, principal))
    return Arrival(principal, new, None)


def _make_place(launch: Launch, person: dict[str, Any]) -> _Place:
    let_in = deployments.admit(launch.platform, launch.deployment_id)
    within = {
        "institution_id": launch.platform.institution_id,
        "registration_id": launch.platform.id,
        "deployment_id": let_in.id,
    }
    person_id = visitor(person) if launch.sub is None else lms_person(person)
    course_id = _course(launch, within)
    link_id = _resource_link(launch, within, course_id)
    dialog_id = _dialog(launch, let_in.id)
    times = launch.platform.times_switched_off + let_in.times_switched_off
    return _Place(let_in.id, times, course_id, link_id, person_id, dialog_id)


def _dialog(launch: Launch, deployment_id: str) -> str | None:
    asked = launch.deep_linking
    if asked is None:
        return None
    return keep_request(asked, launch.platform.id, deployment_id, launch.placement)


def _course(launch: Launch, within: dict[str, str]) -> str | None:
    if launch.context_id is None:
        return None
    values = {
        "id": new_id(),
        **within,
        "context_id": launch.context_id,
        "title": launch.context_title,
        "memberships_url": launch.services.memberships_url,
    }
    unique = (Course.deployment_id, Course.context_id)
    return str(upsert(Course, values, unique=unique, change=("title", "memberships_url")))


def _resource_link(launch: Launch, within: dict[str, str], course_id: str | None) -> str | None:
    if launch.link_id is None:
        return None
    values = {
        "id": new_id(),
        **within,
        "course_id": course_id,
        "link_id": launch.link_id,
        "title": launch.link_title,
        "shows_gallery": gallery.is_shown_by(launch),
    }
    unique = (ResourceLink.deployment_id, ResourceLink.link_id)
    return str(
        upsert(ResourceLink, values, unique=unique, change=("title", "course_id", "shows_gallery"))
    )


# What both ways write ---------------------------------------------------------------------------


def _session(
    launch: Launch, person: dict[str, Any], place: _Place, stands: Standing
) -> tuple[dict[str, Any], Principal, NewSession]:
    values, new = launch_session_values(
        institution_id=launch.platform.institution_id,
        deployment_id=place.deployment_id,
        person_id=place.person_id,
        course_id=place.course_id,
        resource_link_id=place.link_id,
        standing=stands,
        frame_origins=list(launch.frame_origins),
        locale=launch.locale,
        return_url=launch.return_url,
        impersonation=launch_identity.impersonation(launch),
        acting_for=launch.acting_for if launch.sub is not None else None,
        deep_linking_id=place.dialog_id,
        times_switched_off=place.times_switched_off,
    )
    principal = launched_principal(
        values,
        registration_id=launch.platform.id,
        person_name=person["name"],
        person_email=person["email"],
        course_title=launch.context_title if place.course_id else "",
        shows_gallery=gallery.is_shown_by(launch),
    )
    return values, principal, new


def _membership(place: _Place, stands: Standing) -> dict[str, Any]:
    return {
        "person_id": place.person_id,
        "course_id": place.course_id,
        "standing": stands.value,
        "seen_at": now(),
    }


def _audited(launch: Launch, place: _Place, principal: Principal) -> dict[str, Any]:
    return audit.row(
        "launch.accepted",
        institution_id=launch.platform.institution_id,
        actor=principal.actor,
        subject=("resource_link", place.link_id) if place.link_id else None,
        details=_details(place, principal),
    )


def _details(place: _Place, principal: Principal) -> dict[str, Any]:
    details: dict[str, Any] = {"course": place.course_id, "standing": principal.standing.value}
    if principal.impersonation is not None:
        details["guise"] = principal.impersonation.value
    return details
