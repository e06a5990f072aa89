"""Registrations: finding, adding and changing them.

(issuer of its logins, client_id) is one LMS that knows us. One issuer may stand for many schools,
each with a client id of its own, so nothing is ever looked up by issuer alone where there are
several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import quote
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.exc import IntegrityError

from lti_tool.core import audit
from lti_tool.core.audit import OPERATOR, Actor
from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import db, transaction
from lti_tool.core.http import Policy
from lti_tool.core.ids import new_id
from lti_tool.core.institutions import Institution
from lti_tool.lti.launch import Platform, origin_of
from lti_tool.lti.models import Deployment, Registration
from lti_tool.lti.new_registration import (
    AlreadyRegistered,
    NewRegistration,
    RegistrationError,
    checked,
)
from lti_tool.lti.platforms import family_of
from lti_tool.lti.tenants import refuse_confusable

PLATFORM_COLUMNS = (
    Registration.id,
    Registration.institution_id,
    Registration.name,
    Registration.family,
    Registration.issuer,
    Registration.client_id,
    Registration.auth_url,
    Registration.token_url,
    Registration.jwks_url,
    Registration.accept_new_deployments,
    Registration.frame_origins,
    Registration.auth_audience,
    Registration.times_switched_off,
)
"""What ``as_platform`` needs of a row."""


def as_platform(row: Registration | Row[Any]) -> Platform:
    return Platform(
        id=row.id,
        institution_id=row.institution_id,
        name=row.name,
        family=row.family,
        issuer=row.issuer,
        client_id=row.client_id,
        auth_url=row.auth_url,
        token_url=row.token_url,
        jwks_url=row.jwks_url,
        accept_new_deployments=row.accept_new_deployments,
        registered_frame_origins=tuple(row.frame_origins),
        auth_audience=row.auth_audience,
        times_switched_off=row.times_switched_off,
    )


OF_ISSUER = (
    select(*PLATFORM_COLUMNS)
    .where(Registration.login_issuer == bindparam("issuer"), Registration.enabled)
    .limit(2)
)
"""The enabled registrations whose logins name an issuer; where there are two, a client id must
choose."""
OF_CLIENT = OF_ISSUER.where(Registration.client_id == bindparam("client_id"))

_OF_ISSUER, _OF_CLIENT = Statement(OF_ISSUER), Statement(OF_CLIENT)


def find_platform(issuer: str, client_id: str | None) -> Platform | None:
    """Find the enabled registration of this issuer and client id.

    Without a client id, the only one of the issuer.
    """
    query = _OF_ISSUER if client_id is None else _OF_CLIENT
    return only_platform(query.rows({"issuer": issuer, "client_id": client_id}))


def is_awaiting_approval(issuer: str, client_id: str | None) -> bool:
    """Tell whether an LMS that names these has registered itself and is to be approved."""
    waiting = select(Registration.id).where(
        Registration.login_issuer == issuer, Registration.awaiting_approval
    )
    if client_id is not None:
        waiting = waiting.where(Registration.client_id == client_id)
    return db.session.scalar(waiting.limit(1)) is not None


def only_platform(found: Sequence[Row[Any]]) -> Platform | None:
    """Return the platform, if there is just one."""
    return as_platform(found[0]) if len(found) == 1 else None


def by_name(name: str, *, hold: bool = False) -> Registration:
    """Find a registration by its name.

    ``hold``: for the running transaction. Raises RegistrationError when there is none.
    """
    named = select(Registration).where(Registration.name == name)
    found = db.session.scalar(named.with_for_update() if hold else named)
    if found is None:
        raise RegistrationError(f"no platform is called {name}{_names_there_are()}")
    return found


def _names_there_are() -> str:
    """Say at most ten of the names, for whoever mistyped one."""
    names = db.session.scalars(
        select(Registration.name).order_by(Registration.name).limit(11)
    ).all()
    if not names:
        return "; there is none yet"
    return f"; there are {', '.join(map(quote, names[:10]))}{' …' if len(names) > 10 else ''}"


def by_client(new: NewRegistration) -> Registration | None:
    """Find the registration of this issuer and client id, held for the running transaction."""
    return db.session.scalar(
        select(Registration)
        .where(
            Registration.login_issuer == _login_issuer(new),
            Registration.client_id == new.client_id,
        )
        .with_for_update()
    )


def all_registrations() -> list[Registration]:
    return list(db.session.scalars(select(Registration).order_by(Registration.name)))


def institution_of(row: Registration) -> str:
    """Return the name of the institution that people see."""
    return db.session.get_one(Institution, row.institution_id).name


def deployments_of(registration_id: str) -> list[Deployment]:
    return list(
        db.session.scalars(
            select(Deployment)
            .where(Deployment.registration_id == registration_id)
            .order_by(Deployment.created_at, Deployment.deployment_id)
        )
    )


def add(written: NewRegistration, policy: Policy) -> Registration:
    """Register an LMS and its institution.

    Raises RegistrationError.
    """
    new = checked(written, policy)
    with _against_others(), transaction():
        return insert(new)


@contextmanager
def _against_others() -> Iterator[None]:
    """Tell whoever comes second that another wrote down the same LMS.

    Of two operators who do so at once the database lets one: the other reads why. Raises
    RegistrationError.
    """
    try:
        yield
    except IntegrityError as error:
        raise RegistrationError(
            "somebody else registered or changed it at the same time; run this again"
        ) from error


def insert(
    new: NewRegistration, *, awaiting_approval: bool = False, actor: Actor = OPERATOR
) -> Registration:
    """Write down a checked registration and its institution, in the running transaction.

    One that awaits approval is not used before. Raises RegistrationError.
    """
    _refuse_taken(new)
    refuse_confusable(new)
    institution = Institution(id=new_id(), name=_institution(new), created_at=now())
    db.session.add(institution)
    db.session.flush()
    row = Registration(
        id=new_id(),
        institution_id=institution.id,
        enabled=not awaiting_approval,
        awaiting_approval=awaiting_approval,
        created_at=now(),
        **_columns(new),
    )
    db.session.add(row)
    db.session.flush()
    for deployment_id in new.deployments:
        db.session.add(_deployment(row.id, deployment_id))
    audit.record(
        "platform.announced" if awaiting_approval else "platform.added",
        institution_id=institution.id,
        actor=actor,
        subject=("registration", row.id),
        name=new.name,
        issuer=new.issuer,
        client_id=new.client_id,
        **_asked(new),
    )
    return row


def _asked(new: NewRegistration) -> dict[str, Any]:
    return {} if new.asked_host is None else {"host": new.asked_host}


@dataclass(frozen=True)
class Loaded:
    """What became of a registration that was brought up to date.

    ``changed`` names what is another now. ``unwritten`` are deployments that go on being let in
    though they are not written: to remove a line is no order to shut people out.
    """

    name: str
    added: bool = False
    changed: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()


def bring_up_to_date(written: NewRegistration, policy: Policy) -> Loaded:
    """Add the registration of this name, or change it to what is written.

    Raises RegistrationError; then nothing is changed.
    """
    new = checked(written, policy)
    with _against_others(), transaction() as session:
        present = session.scalar(select(Registration).where(Registration.name == new.name))
        if present is None:
            insert(new)
            return Loaded(new.name, added=True)
        if present.awaiting_approval:
            raise RegistrationError(
                f"an LMS that registered itself has this name and awaits approval: "
                f"platform approve {new.name}, or platform refuse {new.name}"
            )
        held = deployments_of(present.id)
        changed = change(present, new)
    return Loaded(new.name, changed=changed, unwritten=_unwritten(held, new))


def change(present: Registration, new: NewRegistration, actor: Actor = OPERATOR) -> tuple[str, ...]:
    """Bring a registration to what was checked, in the running transaction.

    Gives what is another now. Raises RegistrationError.
    """
    _refuse_taken(new, besides=present.id)
    refuse_confusable(new, present)
    former = present.client_id
    changed = (
        *_change_columns(present, new),
        *_rename(present.institution_id, new),
        *_add_missing(present.id, deployments_of(present.id), new),
    )
    if "client_id" in changed:
        audit.record(
            "platform.client_id_replaced",
            institution_id=present.institution_id,
            actor=actor,
            subject=("registration", present.id),
            client_id=former,
        )
    if changed:
        audit.record(
            "platform.changed",
            institution_id=present.institution_id,
            actor=actor,
            subject=("registration", present.id),
            changed=list(changed),
            **_asked(new),
        )
    return changed


def _change_columns(present: Registration, new: NewRegistration) -> list[str]:
    changed = []
    for name, value in sorted(_columns(new).items()):
        if getattr(present, name) != value:
            setattr(present, name, value)
            changed.append(name)
    return changed


def _rename(institution_id: str, new: NewRegistration) -> list[str]:
    institution = db.session.get_one(Institution, institution_id)
    if institution.name == _institution(new):
        return []
    institution.name = _institution(new)
    return ["institution"]


def _add_missing(
    registration_id: str, held: Sequence[Deployment], new: NewRegistration
) -> list[str]:
    """Add those that are not there, and let in those that were waiting to be written."""
    known = {item.deployment_id for item in held}
    waiting = [item for item in held if item.waiting and item.deployment_id in new.deployments]
    for item in waiting:
        item.enabled, item.waiting = True, False
    missing = [item for item in new.deployments if item not in known]
    db.session.add_all(_deployment(registration_id, item) for item in missing)
    return [f"deployment {item}" for item in (*missing, *(one.deployment_id for one in waiting))]


def _unwritten(held: Sequence[Deployment], new: NewRegistration) -> tuple[str, ...]:
    """Name those let in though not written.

    None where new deployments are let in unasked: those are not meant to be written.
    """
    if new.accept_new_deployments:
        return ()
    return tuple(
        item.deployment_id
        for item in held
        if item.enabled and item.deployment_id not in new.deployments
    )


def _refuse_taken(new: NewRegistration, besides: str | None = None) -> None:
    same_client = and_(
        Registration.login_issuer == _login_issuer(new), Registration.client_id == new.client_id
    )
    taken = db.session.scalar(
        select(Registration.name).where(
            or_(Registration.name == new.name, same_client), Registration.id != (besides or "")
        )
    )
    if taken is not None:
        raise AlreadyRegistered(f"it is registered already, as {taken}")


def _deployment(registration_id: str, deployment_id: str) -> Deployment:
    return Deployment(
        id=new_id(),
        registration_id=registration_id,
        deployment_id=deployment_id,
        created_at=now(),
    )


def _columns(new: NewRegistration) -> dict[str, Any]:
    return {
        "name": new.name,
        "family": new.family,
        "issuer": new.issuer,
        "login_issuer": _login_issuer(new),
        "client_id": new.client_id,
        "auth_url": new.auth_url,
        "token_url": new.token_url,
        "jwks_url": new.jwks_url,
        "auth_audience": new.auth_audience,
        "self_registered": new.self_registered,
        "audience_by_operator": new.auth_audience is not None and new.audience_by_operator,
        "accept_new_deployments": new.accept_new_deployments,
        "frame_origins": [_frame_origin(item) for item in new.frame_origins],
    }


def _login_issuer(new: NewRegistration) -> str:
    return family_of(new.family).login_issuer(new.issuer)


def _frame_origin(written: str) -> str:
    """Reduce an address to the origin alone, since it goes into a header.

    A school with many hosts may be named by a wildcard, as ``frame-ancestors`` allows.
    """
    wild = "://*." in written
    origin = origin_of(written.replace("://*.", "://", 1)) or ""
    return origin.replace("://", "://*.", 1) if wild else origin


def _institution(new: NewRegistration) -> str:
    return new.institution or new.name
