"""Recording a verified launch: person, course, membership and session, at once or not at all.

Most launches come from a place that is known: the deployment, the course and the link are there
and as they were. Those are one statement in all (on SQLite several, in one transaction). The first
launch from a place, or after it was renamed, and whoever comes as somebody else or to a dialog, or
of whom less is told than before, takes the long way. Both end in the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, cast, func, literal_column, null, select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.audit import Actor, AuditRecord
from lti_tool.core.clock import now
from lti_tool.core.db.conditional_write import Once, inserted, json_object
from lti_tool.core.db.session import db, transaction
from lti_tool.core.logs import log
from lti_tool.entrance.launch_identity import LaunchFacts
from lti_tool.lti import deployments
from lti_tool.lti.deep_linking_requests import keep_request
from lti_tool.lti.launch import Launch
from lti_tool.lti.launching import errors as launch_errors
from lti_tool.lti.launching.receive import SPEND_LOGIN, LoginSpent, consume, spending
from lti_tool.lti.models import Deployment
from lti_tool.media.opening import with_what_opens_again
from lti_tool.people.courses import record_told
from lti_tool.people.models import Course, Membership, Person, ResourceLink, ToolSession
from lti_tool.people.persons import (
    TOLD_BY_LMS,
    forget_in_rosters,
    record_person,
    tells_less,
)
from lti_tool.people.rules import LAUNCH_SESSION_LIFE, Impersonation
from lti_tool.people.session_store import (
    NewSession,
    SessionTerms,
    begin_session,
    keep_session,
    session_begun_by,
)
from lti_tool.people.sessions import Principal, live_sessions_of


@dataclass(frozen=True)
class RecordedLaunch:
    """Who has come: the session, its cookie, and the item to show if that is plain already."""

    principal: Principal
    new: NewSession
    opens: str | None


@dataclass(frozen=True)
class _Place:
    """Where a launch came from and who came, by the ids of the rows; parts of its session."""

    deployment_id: str
    times_switched_off: int
    """Its registration and its deployment together, when both were found to be on."""
    course_id: str | None
    resource_link_id: str | None
    person_id: str
    deep_linking_id: str | None = None


def record(facts: LaunchFacts) -> RecordedLaunch:
    """Record a launch and open its session.

    The same form from the same browser gets the session that it had before. Raises Problem when
    the login was spent otherwise or the deployment is not approved; then nothing is recorded.
    """
    terms = _terms(facts)
    session, new = begin_session(terms, facts.launch.idempotency_key)
    note = audit.row(
        "launch.accepted",
        institution_id=terms.institution_id,
        actor=Actor(
            "visitor" if facts.impersonation is Impersonation.VISITOR else "person",
            session_id=new.session_id,
            registration_id=facts.launch.platform.id,
            acting_for=terms.acting_for,
        ),
        subject=("resource_link", ""),
        details=_details(facts),
    )
    less = facts.impersonation is None and tells_less(facts.person)
    try:
        known = None if less else _known_place(facts, session, note)
        place, opens = known or (_any_place(facts, session, note, tells_less=less), None)
    except LoginSpent:
        return _answered_before(facts.launch)
    principal = Principal(
        **{**vars(terms), **vars(place)},
        session_id=new.session_id,
        handle=new.handle,
        registration_id=facts.launch.platform.id,
        person_name=facts.person["name"],
        person_email=facts.person["email"],
        course_title=facts.launch.context_title if place.course_id else "",
        ends_at=terms.expires_at,
    )
    return RecordedLaunch(principal, new, opens)


def _answered_before(launch: Launch) -> RecordedLaunch:
    """Give the answer again that this form got in this browser a moment ago.

    Raises Problem where it got none, or where that session has ended.
    """
    new = session_begun_by(launch.idempotency_key)
    running = live_sessions_of([new.session_id]) if new is not None else []
    if new is None or not running:
        raise launch_errors.again("launch-used")
    log.info("launch answered again", platform=launch.platform.name)
    return RecordedLaunch(running[0], new, None)


# A known place ----------------------------------------------------------------------------------


_TOLD_TITLE = func.coalesce(bindparam("link_title", type_=String), ResourceLink.title)
"""As it is where the launch does not count for it (``_renames_link``)."""


def _known_link() -> Select[Any]:
    """Find the deployment, the link and the person of a launch, where they are as it tells them."""
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
                literal_column("'course'"),
                ResourceLink.course_id,
                literal_column("'standing'"),
                cast(bindparam("standing"), String),
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
            ResourceLink.title == _TOLD_TITLE,
        )
    )


_IN_COURSE = with_what_opens_again(
    _known_link()
    .join(Course, Course.id == ResourceLink.course_id)
    .where(
        Course.deployment_id == Deployment.id,
        Course.context_id == bindparam("context"),
        Course.title == func.coalesce(bindparam("course_title", type_=String), Course.title),
        Course.memberships_url.is_not_distinct_from(bindparam("memberships_url", type_=String)),
    )
)
_OUTSIDE = _known_link().add_columns(null().label("opens")).where(ResourceLink.course_id.is_(None))

_WHERE = {"institution_id": "institution", "registration_id": "registration"}
_PERSON = inserted(
    Person,
    "person_",
    unique=("registration_id", "sub"),
    change=TOLD_BY_LMS,
    taken={"id": "person_id"},
    shared={**_WHERE, "sub": "sub", "seen_at": "present"},
)
_MEMBERSHIP = inserted(
    Membership,
    "membership_",
    unique=("person_id", "course_id"),
    change=("standing", "seen_at"),
    taken={"person_id": "person_id", "course_id": "course_id"},
    shared={"standing": "standing", "seen_at": "present"},
)
_TAKEN = ("deployment_id", "times_switched_off", "course_id", "resource_link_id", "person_id")
_SESSION = inserted(
    ToolSession,
    "session_",
    taken={name: name for name in _TAKEN},
    shared={
        "institution_id": "institution",
        "standing": "standing",
        "created_at": "present",
        "seen_at": "present",
    },
)
_AUDIT = inserted(
    AuditRecord,
    "audit_",
    taken={"actor_id": "person_id", "subject_id": "resource_link_id", "details": "audited"},
    shared={**_WHERE, "session_id": "session_id", "at": "present"},
)

_RECORD_IN_COURSE = Once(_IN_COURSE, SPEND_LOGIN, _PERSON, _MEMBERSHIP, _SESSION, _AUDIT)
_RECORD_OUTSIDE = Once(_OUTSIDE, SPEND_LOGIN, _PERSON, _SESSION, _AUDIT)


def _known_place(
    facts: LaunchFacts, session: dict[str, Any], note: dict[str, Any]
) -> tuple[_Place, str | None] | None:
    """Record a launch whose place is known and as it was, and say what it opens.

    None where it is not so, or where the login was spent meanwhile: the long way tells which.
    """
    launch = facts.launch
    if launch.link_id is None or launch.deep_linking is not None:
        return None
    if facts.impersonation is not None:
        return None
    once = _RECORD_OUTSIDE if launch.context_id is None else _RECORD_IN_COURSE
    try:
        found = once.run(_parameters(facts, session, note))
    except IntegrityError:
        # Somebody made the same new person, or removed the place, in this moment.
        db.session.rollback()
        return None
    if found is None:
        return None
    return _Place(**{name: getattr(found, name) for name in _TAKEN}), found.opens


def _parameters(
    facts: LaunchFacts, session: dict[str, Any], note: dict[str, Any]
) -> dict[str, Any]:
    launch = facts.launch
    values = {
        "present": session["created_at"],
        "institution": launch.platform.institution_id,
        "registration": launch.platform.id,
        "platform_times_switched_off": launch.platform.times_switched_off,
        "deployment": launch.deployment_id,
        "sub": launch.sub,
        "link": launch.link_id,
        "link_title": launch.link_title if _renames_link(facts) else None,
        "new_person_id": facts.person["id"],
        "standing": facts.standing.value,
        **spending(launch.login_key),
        **_PERSON.parameters(facts.person),
        **_SESSION.parameters(session),
        **_AUDIT.parameters(note),
    }
    if launch.context_id is None:
        return values
    return {
        **values,
        "context": launch.context_id,
        "course_title": launch.context_title or None,
        "memberships_url": launch.services.memberships_url,
        "media": launch.item,
    }


# Any place --------------------------------------------------------------------------------------


def _any_place(
    facts: LaunchFacts, session: dict[str, Any], note: dict[str, Any], *, tells_less: bool
) -> _Place:
    """Record a launch statement by statement.

    Raises Problem, as ``record``.
    """
    launch = facts.launch
    with deployments.waiting_noted(launch.platform), transaction():
        consume(launch.login_key)
        let_in = deployments.admit(launch.platform, launch.deployment_id)
        dialog_id = keep_request(
            launch.deep_linking, launch.platform.id, let_in.id, launch.placement
        )
        person_id = record_person(facts.person)
        told = record_told(
            launch, let_in.id, person_id, facts.counted_as, renames_link=_renames_link(facts)
        )
        if tells_less:
            forget_in_rosters(person_id)
        times = launch.platform.times_switched_off + let_in.times_switched_off
        place = _Place(
            deployment_id=let_in.id,
            times_switched_off=times,
            course_id=told.course_id,
            resource_link_id=told.resource_link_id,
            person_id=person_id,
            deep_linking_id=dialog_id,
        )
        keep_session({**session, **vars(place)})
        link_id = place.resource_link_id
        completed = {
            "actor_id": place.person_id,
            "subject_type": "resource_link" if link_id else None,
            "subject_id": link_id,
            "details": {**note["details"], "course": place.course_id},
        }
        audit.keep({**note, **completed})
    return place


def _renames_link(facts: LaunchFacts) -> bool:
    """Tell whether a title is told, and is that of the link that names nothing.

    An embed of an item, or the course's menu, may come under the id of such a link.
    """
    return facts.link_shows is None and facts.launch.link_title != ""


def _details(facts: LaunchFacts) -> dict[str, audit.JsonValue]:
    """Tell the audit trail as whom; the course is added when it is known (``_known_link``, too)."""
    standing = facts.standing.value
    if facts.impersonation is None:
        return {"standing": standing}
    return {"standing": standing, "guise": facts.impersonation.value}


def _terms(facts: LaunchFacts) -> SessionTerms:
    """Give the terms of the session.

    The place is not known yet: person and epoch stand in for those of the ``_Place`` to come.
    """
    launch = facts.launch
    return SessionTerms(
        kind="launch",
        institution_id=launch.platform.institution_id,
        person_id="",
        expires_at=now() + LAUNCH_SESSION_LIFE,
        times_switched_off=-1,
        standing=facts.standing,
        impersonation=facts.impersonation,
        link_shows=facts.link_shows,
        acting_for=launch.acting_for if launch.sub is not None else None,
        return_url=launch.return_url,
        frame_origins=launch.frame_origins,
        locale=launch.locale,
    )
