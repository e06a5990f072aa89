"""Recording a verified launch: person, course, membership and session, at once or not at all.

Most launches come from a place that is known: the deployment, the course and the link are there
and as they were. Those are one statement in all. The first launch from a place, or after it was
renamed, and whoever comes as somebody else or to a dialog, takes the long way. Both end in the
same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, cast, func, literal, null, select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.audit import AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.conditional_write import Once, inserted, json_object
from lti_tool.core.db.session import db, transaction
from lti_tool.entrance.launch_identity import LaunchFacts, facts_of
from lti_tool.lti import deployments
from lti_tool.lti.deep_linking_requests import keep_request
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching.receive import SPEND_LOGIN, consume, spending
from lti_tool.lti.models import Deployment
from lti_tool.media.opening import opens_again, with_last_opened
from lti_tool.people import courses, persons
from lti_tool.people.models import Course, Membership, Person, ResourceLink, ToolSession
from lti_tool.people.persons import TOLD_BY_LMS
from lti_tool.people.rules import LAUNCH_SESSION_LIFE, is_of_the_course
from lti_tool.people.session_store import (
    NewSession,
    SessionTerms,
    begin_session,
    open_session,
)
from lti_tool.people.sessions import Principal


@dataclass(frozen=True)
class Arrival:
    """Who has arrived: the session, its cookie, and the item to show if that is plain already."""

    principal: Principal
    new: NewSession
    opens: str | None


def record(launch: Launch) -> Arrival:
    """Record a launch and open its session. Raises Problem when the login was spent meanwhile or
    the deployment is not approved; then nothing is recorded."""
    facts = facts_of(launch)
    try:
        return _from_known_place(facts) or _from_anywhere(facts)
    except deployments.NotLetIn as refused:
        if not refused.switched_off:
            deployments.note_waiting(launch.platform, launch.deployment_id)
        raise refused.problem from refused


# A known place ----------------------------------------------------------------------------------


def _known_link() -> Select[Any]:
    """The deployment and the link of a launch, and its person, where they are as it tells them."""
    return (
        select(
            Deployment.id.label("deployment_id"),
            (Deployment.times_switched_off + bindparam("platform_times_switched_off")).label(
                "times_switched_off"
            ),
            func.coalesce(Person.id, bindparam("new_person_id")).label("person_id"),
            ResourceLink.id.label("resource_link_id"),
            ResourceLink.course_id.label("course_id"),
            json_object(
                literal("course"),
                ResourceLink.course_id,
                literal("standing"),
                cast(bindparam("told_standing"), String),
            ).label("audited"),
        )
        .select_from(Deployment)
        .join(ResourceLink, ResourceLink.deployment_id == Deployment.id)
        .outerjoin(
            Person,
            and_(
                Person.registration_id == Deployment.registration_id, Person.sub == bindparam("sub")
            ),
        )
        .where(
            Deployment.registration_id == bindparam("registration"),
            Deployment.deployment_id == bindparam("deployment"),
            Deployment.enabled,
            ResourceLink.link_id == bindparam("link"),
            ResourceLink.title == bindparam("link_title"),
            ResourceLink.shows_gallery == bindparam("shows_gallery"),
        )
    )


_IN_COURSE = with_last_opened(
    _known_link()
    .join(Course, Course.id == ResourceLink.course_id)
    .where(
        Course.deployment_id == Deployment.id,
        Course.context_id == bindparam("context"),
        Course.title == bindparam("course_title"),
        Course.memberships_url.is_not_distinct_from(bindparam("memberships_url", type_=String)),
    )
)
_OUTSIDE = (
    _known_link()
    .add_columns(null().label("last_opened"), null().label("chosen_here"))
    .where(ResourceLink.course_id.is_(None))
)

_PERSON = inserted(
    Person,
    "person_",
    unique=("registration_id", "sub"),
    change=TOLD_BY_LMS,
    taken={"id": "person_id"},
)
_MEMBERSHIP = inserted(
    Membership,
    "membership_",
    unique=("person_id", "course_id"),
    change=("standing", "seen_at"),
    taken={"person_id": "person_id", "course_id": "course_id"},
)
_PLACE = ("deployment_id", "course_id", "resource_link_id", "person_id", "times_switched_off")
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
    taken={name: name for name in _PLACE},
)
_AUDIT = inserted(
    AuditRecord,
    "audit_",
    taken={"actor_id": "person_id", "subject_id": "resource_link_id", "details": "audited"},
)

_RECORD_IN_COURSE = Once(_IN_COURSE, SPEND_LOGIN, _PERSON, _MEMBERSHIP, _SESSION, _AUDIT)
_RECORD_OUTSIDE = Once(_OUTSIDE, SPEND_LOGIN, _PERSON, _SESSION, _AUDIT)


def _from_known_place(facts: LaunchFacts) -> Arrival | None:
    """Record a launch whose place is known and as it was; None where it is not, or where the login
    was spent: the long way tells."""
    launch = facts.launch
    if launch.deep_linking is not None or facts.impersonation is not None:
        return None
    terms = _terms(facts, person_id="", times_switched_off=0)
    row, new = begin_session(terms)
    once = _RECORD_OUTSIDE if launch.context_id is None else _RECORD_IN_COURSE
    try:
        found = once.run(_parameters(facts, row))
    except IntegrityError:
        # Somebody made the same new person, or removed the place, in this moment.
        db.session.rollback()
        return None
    if found is None:
        return None
    terms = replace(terms, **{name: getattr(found, name) for name in _PLACE})
    opens = opens_again(found.last_opened, found.chosen_here, launch.custom.get("media"))
    return Arrival(_principal(facts, terms, new), new, opens)


def _parameters(facts: LaunchFacts, session: dict[str, Any]) -> dict[str, Any]:
    launch, person, present = facts.launch, facts.person, now()
    record = audit.row(
        "launch.accepted",
        institution_id=launch.platform.institution_id,
        actor=audit.Actor("person", None, session["id"], launch.platform.id),
        subject=("resource_link", ""),
    )
    values = {
        "registration": launch.platform.id,
        "platform_times_switched_off": launch.platform.times_switched_off,
        "deployment": launch.deployment_id,
        "sub": launch.sub,
        "link": launch.link_id,
        "link_title": launch.link_title,
        "shows_gallery": facts.shows_gallery,
        "new_person_id": person["id"],
        "told_standing": facts.standing.value,
        **spending(launch.login_key),
        **_PERSON.parameters(person),
        **_SESSION.parameters(session),
        **_AUDIT.parameters(record),
    }
    if launch.context_id is None:
        return values
    return {
        **values,
        "context": launch.context_id,
        "course_title": launch.context_title,
        "memberships_url": launch.services.memberships_url,
        "membership_standing": facts.standing.value,
        "membership_seen_at": present,
    }


# Any place --------------------------------------------------------------------------------------


def _from_anywhere(facts: LaunchFacts) -> Arrival:
    launch = facts.launch
    with transaction():
        consume(launch.login_key)
        let_in = deployments.admit(launch.platform, launch.deployment_id)
        person_id = persons.record_person(facts.person)
        course_id = courses.record_course(launch, let_in.id)
        terms = _terms(
            facts,
            person_id=person_id,
            times_switched_off=launch.platform.times_switched_off + let_in.times_switched_off,
            deployment_id=let_in.id,
            course_id=course_id,
            resource_link_id=courses.record_resource_link(
                launch, let_in.id, course_id, shows_gallery=facts.shows_gallery
            ),
            impersonation=facts.impersonation,
            acting_for=launch.acting_for if launch.sub is not None else None,
            deep_linking_id=keep_request(
                launch.deep_linking, launch.platform.id, let_in.id, launch.placement
            ),
        )
        if course_id is not None and is_of_the_course(facts.impersonation):
            courses.record_membership(person_id, course_id, facts.standing)
        new = open_session(terms)
        principal = _principal(facts, terms, new)
        link_id = terms.resource_link_id
        audit.record(
            "launch.accepted",
            institution_id=launch.platform.institution_id,
            actor=principal.actor,
            subject=("resource_link", link_id) if link_id else None,
            course=course_id,
            standing=facts.standing.value,
            **({"guise": facts.impersonation.value} if facts.impersonation else {}),
        )
    return Arrival(principal, new, None)


# What both ways make ----------------------------------------------------------------------------


def _terms(
    facts: LaunchFacts, *, person_id: str, times_switched_off: int, **place: Any
) -> SessionTerms:
    launch = facts.launch
    return SessionTerms(
        kind="launch",
        institution_id=launch.platform.institution_id,
        person_id=person_id,
        expires_at=now() + LAUNCH_SESSION_LIFE,
        times_switched_off=times_switched_off,
        standing=facts.standing,
        return_url=launch.return_url,
        frame_origins=launch.frame_origins,
        locale=launch.locale,
        **place,
    )


def _principal(facts: LaunchFacts, terms: SessionTerms, new: NewSession) -> Principal:
    return Principal(
        **vars(terms),
        session_id=new.session_id,
        handle=new.handle,
        registration_id=facts.launch.platform.id,
        person_name=facts.person["name"],
        person_email=facts.person["email"],
        course_title=facts.launch.context_title if terms.course_id else "",
        shows_gallery=facts.shows_gallery,
        ends_at=terms.expires_at,
    )
