"""LMSs that know us, their deployments, and logins that are under way."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.database import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id


class Registration(Model):
    """One LMS that knows us, by (login_issuer, client_id). It is one institution.

    `issuer` is what the LMS's administrator was shown; `login_issuer` is what its logins name,
    which may be less (see `platforms`).
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("login_issuer", "client_id"),
        CheckConstraint("family IN ('sakai', 'canvas', 'moodle', 'other')", name="family"),
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
    accept_new_deployments: Mapped[bool] = mapped_column(default=False)
    frame_origins: Mapped[list[str]] = mapped_column(JSON, default=list)
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Deployment(Model):
    """One installation of the tool inside an LMS."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
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
    target_link_uri: Mapped[str] = mapped_column(String(2048))
    deployment_hint: Mapped[str | None] = mapped_column(String(255))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
