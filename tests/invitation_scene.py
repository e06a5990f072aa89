"""A lecture that people are invited to, and browsers that open their links."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from factories import SAME_ORIGIN, START, School, as_written, browser, principal_of
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Executable, select
from werkzeug.test import TestResponse

from lti_tool.core.audit import OPERATOR, AuditRecord
from lti_tool.core.db.session import db, transaction
from lti_tool.core.institutions import set_setting
from lti_tool.invitations import manage
from lti_tool.invitations.invite import Invitee, invite
from lti_tool.invitations.links import token_of
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.proof import COOKIE
from lti_tool.media.access import Access, capabilities
from lti_tool.media.models import MediaFile, MediaItem, Publication
from lti_tool.people.platform_switch import switch_off, switch_on
from lti_tool.people.rules import Standing
from lti_tool.people.session_store import NewSession
from lti_tool.people.sessions import live_sessions_of

ADA = "ada@partner.org"
TITLE = "Owls at night"


def make_item(school: School, owner: str = "prof", *, kind: str = "video") -> str:
    """The id of an item that its owner published in the school's course."""
    owner_id = school.person(owner, "Prof. Wren")
    item = MediaItem(
        institution_id=school.institution_id,
        registration_id=school.registration_id,
        owner_person_id=owner_id,
        owner_name="Prof. Wren",
        kind=kind,
        title=TITLE,
        created_at=START,
    )
    with transaction() as session:
        session.add(item)
        session.flush()
        session.add(
            Publication(
                media_id=item.id,
                course_id=school.course_id,
                published_at=START,
                published_by=owner_id,
            )
        )
        session.add(
            MediaFile(
                media_id=item.id,
                role="original",
                storage_key=item.id,
                content_type="video/mp4",
                size=1,
                created_at=START,
            )
        )
    return item.id


def inside(method: Callable[..., Any]) -> Callable[..., Any]:
    """Run a method in an application context of its own, as each request has one."""

    @wraps(method)
    def run(self: Scene, *args: Any, **kwargs: Any) -> Any:
        with self.app.app_context():
            return method(self, *args, **kwargs)

    return run


@dataclass
class Scene:
    """One item of one school, and what its teacher does."""

    app: Flask
    school: School
    media_id: str
    teacher_session: NewSession

    def seen(self) -> Access:
        """What the teacher's verbs are called with, in the caller's context.

        A teacher whose session is over launches again.
        """
        if not live_sessions_of([self.teacher_session.session_id]):
            self.teacher_session = self.school.launched("prof", Standing.MANAGER)
        teacher = principal_of(self.teacher_session)
        item = db.session.get(MediaItem, self.media_id, populate_existing=True)
        assert item is not None
        return Access(item, teacher, capabilities(teacher, item))

    @inside
    def set(self, **settings: object) -> None:
        """Change the institution's settings."""
        with transaction():
            for name, value in settings.items():
                text = ("on" if value else "off") if isinstance(value, bool) else str(value)
                set_setting(self.school.institution_id, name, text, OPERATOR)

    @inside
    def invite(self, email: str = ADA, **changes: str) -> Invitation:
        names = {"first_name": "Ada", "last_name": "Byron", "type": "viewer", **changes}
        seen = self.seen()
        return invite(seen.principal, seen.item, Invitee(email=email, **names)).invitation

    def link(self, email: str = ADA) -> str:
        """The path of a new invitation's link."""
        return self.path(self.invite(email))

    @inside
    def path(self, invitation: Invitation) -> str:
        return f"/i/{token_of(invitation)}"

    @inside
    def new_link(self, invitation: Invitation) -> str:
        """The path of the link that replaces the present one."""
        return f"/i/{token_of(manage.make_new_link(self.seen(), invitation))}"

    @inside
    def revoke(self, invitation: Invitation) -> None:
        manage.revoke(self.seen(), invitation)

    @inside
    def reset_device(self, invitation: Invitation) -> None:
        manage.reset_device(self.seen(), invitation)

    @inside
    def fresh(self, invitation: Invitation) -> Invitation:
        """The row as it is in the database now."""
        found = db.session.get(Invitation, invitation.id)
        assert found is not None
        return found

    @inside
    def switch_off(self, deployment: str | None = None) -> None:
        switch_off(self.school.name, deployment)

    @inside
    def switch_on(self, deployment: str | None = None) -> None:
        switch_on(self.school.name, deployment)

    @inside
    def run(self, statement: Executable) -> None:
        with transaction() as session:
            session.execute(statement)

    @inside
    def audit(self) -> list[str]:
        """What was written down about invitations, in order, refusals with their reason."""
        rows = db.session.scalars(
            select(AuditRecord)
            .where(AuditRecord.action.startswith("invitation."))
            .order_by(*as_written())
        )
        return [row.action.removeprefix("invitation.") + _why(row.details) for row in rows]

    @inside
    def launched(self, sub: str, standing: Standing = Standing.LEARNER, **more: Any) -> NewSession:
        return self.school.launched(sub, standing, **more)


def _why(details: dict[str, Any]) -> str:
    return f" ({details['why']})" if "why" in details else ""


def make_scene(app: Flask, school: School) -> Scene:
    """A teacher who owns a published video."""
    with app.app_context():
        media_id = make_item(school)
        return Scene(app, school, media_id, school.launched("prof", Standing.MANAGER))


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class DeviceKey:
    """What a browser with script holds."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def proof(self, challenge: str) -> dict[str, str]:
        numbers = self.private.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        signature = self.private.sign(challenge.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(signature)
        return {
            "challenge": challenge,
            "device_key": json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y}),
            "device_signature": base64url(r.to_bytes(32) + s.to_bytes(32)),
        }


class Visitor:
    """Somebody with a browser: opens links, types addresses, presses buttons."""

    def __init__(self, app: Flask, *sessions: NewSession, script: bool = False) -> None:
        self.client: FlaskClient = browser(app, *sessions)
        self.key = DeviceKey() if script else None

    def open(self, path: str) -> TestResponse:
        return self.client.get(path)

    def send(
        self, path: str, email: str = ADA, *, address: str = "127.0.0.1", **fields: str
    ) -> TestResponse:
        """Fill in the form of a page of the link and send it."""
        form = {"email": email, **fields}
        page = self.client.get(path)
        hidden = hidden_fields(page.text)
        if self.key and "challenge" in hidden:
            form = {**self.key.proof(hidden["challenge"]), **form}
        return self.client.post(
            path, data=form, headers=SAME_ORIGIN, environ_base={"REMOTE_ADDR": address}
        )

    def enter(self, path: str, email: str = ADA, **fields: str) -> TestResponse:
        """Use the link and go on to the page that it leads to."""
        return self.open(self.send(path, email, **fields).location)


def hidden_fields(html: str) -> dict[str, str]:
    """Names and values of a page's hidden fields."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return dict(found)


def device_cookie_alone(answer: TestResponse) -> bool:
    """Whether an answer sets no cookie, except the one that a device is known by."""
    return all(one.startswith(f"{COOKIE}=") for one in answer.headers.getlist("Set-Cookie"))


def without_noise(page: TestResponse) -> str:
    """A page without what differs at each request: reference, nonce, signed tokens."""
    text = re.sub(r"<code[^>]*>[A-Z0-9]{4}-[A-Z0-9]{4}</code>", "<code></code>", page.text)
    text = re.sub(r'nonce="[^"]*"', "", text)
    return re.sub(r'(name="(?:form_token|challenge)" value=)"[^"]*"', r"\1", text)
