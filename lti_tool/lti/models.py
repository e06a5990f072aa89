"""LMSs that know us, their deployments, and logins that are under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db.encrypted import Sealed
from lti_tool.core.db.session import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id


class Registration(Model):
    """One LMS that knows us, by (login_issuer, client_id).

    It is one institution.

    ``issuer`` is what the LMS's administrator was shown; ``login_issuer`` is what its logins name,
    which may be less (see ``platforms``). ``self_registered``: what stands here is what the LMS
    said of itself (dynamic registration). ``audience_by_operator``: an operator wrote
    ``auth_audience``.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("login_issuer", "client_id"),
        CheckConstraint("family IN ('sakai', 'canvas', 'moodle', 'other')", name="family"),
        CheckConstraint("NOT (enabled AND awaiting_approval)", name="approved_before_enabled"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"), unique=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    family: Mapped[str] = mapped_column(String(16))
    issuer: Mapped[str] = mapped_column(String(512))
    login_issuer: Mapped[str] = mapped_column(String(512))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_url: Mapped[str] = mapped_column(String(1024))
    token_url: Mapped[str] = mapped_column(String(1024))
    jwks_url: Mapped[str] = mapped_column(String(1024))
    auth_audience: Mapped[str | None] = mapped_column(String(1024))
    self_registered: Mapped[bool] = mapped_column(default=False, server_default=false())
    audience_by_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    accept_new_deployments: Mapped[bool] = mapped_column(default=False)
    frame_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    awaiting_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    times_switched_off: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """A session that began before the last time is over for good."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegistrationCode(Model):
    """Lets one LMS register itself, once: what an operator gives to its administrator."""

    __tablename__ = "registration_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    institution: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """While a registration by it is under way; it ends by itself where its process has died."""
    registration_id: Mapped[str | None] = mapped_column(ForeignKey("registration.id"))


class Deployment(Model):
    """One installation of the tool inside an LMS.

    ``waiting``: somebody came from it, and nobody has let it in yet.
    """

    __tablename__ = "deployment"
    __table_args__ = (
        UniqueConstraint("registration_id", "deployment_id"),
        CheckConstraint("NOT (enabled AND waiting)", name="let_in_before_enabled"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    waiting: Mapped[bool] = mapped_column(default=False, server_default=false())
    times_switched_off: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """As that of its registration."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginState(Model):
    """A login that left for the platform: one use, one browser, a few minutes."""

    __tablename__ = "login_state"
    __table_args__ = (
        Index("ix_login_state_registration", "registration_id", "expires_at"),
        Index("ix_login_state_expires", "expires_at"),
    )

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(64), unique=True)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    network: Mapped[str | None] = mapped_column(String(64))
    """Hashes of the site and of the network the login came from: who starts many makes room."""
    storage_frame: Mapped[str | None] = mapped_column(String(255))
    """The frame of the platform that keeps the browser's secret; None: a cookie does."""
    target_link_uri: Mapped[str] = mapped_column(String(2048))
    deployment_hint: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeepLinkingRequest(Model):
    """A dialog of the LMS that waits to be given links.

    It is answered once.
    """

    __tablename__ = "deep_linking_request"
    __table_args__ = (Index("ix_deep_linking_request_created", "created_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    return_url: Mapped[str | None] = mapped_column(Sealed)
    accept_types: Mapped[list[str]] = mapped_column(JSON)
    accept_targets: Mapped[list[str]] = mapped_column(JSON)
    accept_multiple: Mapped[bool] = mapped_column()
    accept_lineitem: Mapped[bool] = mapped_column()
    data: Mapped[str | None] = mapped_column(Sealed)
    placement: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
