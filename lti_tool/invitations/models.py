"""Tables of the invitations room.

Times are aware UTC; e-mail addresses are in normal form.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    cast,
    literal,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db.session import ID, Model, UtcDateTime
from lti_tool.core.ids import new_id
from lti_tool.media.models import KEEPS_ITEM
from lti_tool.people.retention import KEEPS_SESSION


class Invitation(Model):
    """One invitee's way to one item.

    Its link is derived from id and generation, never stored.

    ``uses_allowed`` and ``expires_at`` are copied from the institution's settings when the present
    link was made; -1 means unlimited. ``deployment_id`` is that of the session in which
    that link was made.
    """

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institution.id"))
    deployment_id: Mapped[str | None] = mapped_column(ForeignKey("deployment.id"))
    media_id: Mapped[str] = mapped_column(ForeignKey("media_item.id"), info={KEEPS_ITEM: True})
    email: Mapped[str] = mapped_column(String(254))
    email_match: Mapped[str] = mapped_column(Text, server_default="")
    """What tells whether somebody has been invited already (``emails.match_form``)."""
    email_shown: Mapped[str] = mapped_column(String(254))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    search: Mapped[str] = mapped_column(Text, server_default="")
    """What the invitee is found by (``rules.search_text``)."""
    type: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(default=1)
    key_id: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    uses_allowed: Mapped[int]
    uses_made: Mapped[int] = mapped_column(default=0)
    generated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device_kind: Mapped[str | None] = mapped_column(String(8))
    device_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_by_name: Mapped[str] = mapped_column(String(255), default="")
    created_acting_for: Mapped[str | None] = mapped_column(String(255))
    """Who really invited, as the LMS names them, when somebody acted as ``created_by``."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    new_link_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("type IN ('viewer', 'moderator', 'speaker')", name="type"),
        CheckConstraint("generation >= 1", name="generation"),
        CheckConstraint("uses_allowed = -1 OR uses_allowed >= 1", name="allowed"),
        CheckConstraint(
            "uses_made >= 0 AND (uses_allowed = -1 OR uses_made <= uses_allowed)",
            name="uses",
        ),
        CheckConstraint("expires_at > generated_at", name="end"),
        CheckConstraint("device_kind IN ('key', 'cookie')", name="device_kind"),
        CheckConstraint("(device_kind IS NULL) = (device_hash IS NULL)", name="device"),
        CheckConstraint("email LIKE '%_@_%'", name="email"),
        Index(
            "uq_invitation_live",
            "media_id",
            "email",
            "type",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_invitation_match", "media_id", "email_match"),
        Index("ix_invitation_media", "media_id", "created_at"),
        Index("ix_invitation_institution", "institution_id"),
    )


STANDS_ON = literal("invitation:") + Invitation.id + ":" + cast(Invitation.generation, String)
"""What grants and guest sessions of an invitation's present link stand on (``source_of``)."""


class ReplacedLink(Model):
    """A link that a newer one replaced: whoever still has it is told so."""

    __tablename__ = "invitation_replaced_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))

    __table_args__ = (Index("ix_invitation_replaced_link_invitation", "invitation_id"),)


class Redemption(Model):
    """One use of a link: which session got the role, on which device.

    ``ended_at`` is set when the role was withdrawn: a new link, a reset or a revocation.
    """

    __tablename__ = "invitation_redemption"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    generation: Mapped[int]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("tool_session.id", ondelete="SET NULL"), info={KEEPS_SESSION: True}
    )
    device_kind: Mapped[str] = mapped_column(String(8))
    device_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("device_kind IN ('key', 'cookie')", name="device_kind"),
        Index("ix_invitation_redemption_invitation", "invitation_id", "generation"),
        Index("ix_invitation_redemption_session", "session_id"),
        Index("ix_invitation_redemption_person", "person_id"),
    )


class WrongAddress(Model):
    """A wrong e-mail address typed for an invitation.

    The client's address is kept hashed only.
    """

    __tablename__ = "invitation_wrong_address"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    generation: Mapped[int] = mapped_column(server_default=text("1"))
    """Of the link for which it was typed: a new link begins with none."""
    client_hash: Mapped[str] = mapped_column(String(64))
    ordinal: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("ordinal BETWEEN 1 AND 5", name="ordinal"),
        CheckConstraint("generation >= 1", name="generation"),
        Index("ix_invitation_wrong_address_client", "invitation_id", "client_hash", "at"),
        Index("ix_invitation_wrong_address_at", "invitation_id", "at"),
    )
