"""what real use found

Revision ID: 0004
Revises: 0003
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _invitees_match()
    _links_show()
    _people_hold_roles()
    _logins_answer_again()


def downgrade() -> None:
    _logins_answer_once()
    _sessions_hold_roles()
    _links_open()
    _invitees_are_equal()


# Invitations: what is compared with what a person types --------------------------------------


def _invitees_match() -> None:
    """Add what is compared; and count wrong addresses for each link, not for the invitation."""
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("email_match", sa.Text(), server_default="", nullable=False))
        table.create_index("ix_invitation_match", ["media_id", "email_match"])
    with op.batch_alter_table("invitation_wrong_address") as table:
        table.add_column(
            sa.Column("generation", sa.Integer(), server_default=sa.text("1"), nullable=False)
        )
        table.create_check_constraint(
            op.f("ck_invitation_wrong_address_generation"), "generation >= 1"
        )
    invitation = sa.table("invitation", *map(sa.column, ("id", "email", "email_match", "generation")))
    wrong = sa.table("invitation_wrong_address", *map(sa.column, ("invitation_id", "generation")))
    for row in op.get_bind().execute(sa.select(invitation.c.id, invitation.c.email)).all():
        compared = _match_form(row.email)
        op.execute(
            sa.update(invitation).where(invitation.c.id == row.id).values(email_match=compared)
        )
    # For which link each was typed is not known; the present one goes on being protected.
    present = sa.select(invitation.c.generation).where(invitation.c.id == wrong.c.invitation_id)
    op.execute(sa.update(wrong).values(generation=present.scalar_subquery()))


# How addresses were compared when this revision was written; see revision 0002.

_TWINS = str.maketrans(
    dict.fromkeys("'’‘‛ʼʻʹ′´`", "'") | dict.fromkeys("-‐‑‒–—−", "-") | {"ı": "i", "ς": "σ"}
)


def _match_form(normal: str) -> str:
    local, _at, domain = normal.rpartition("@")
    folded = ((char, unicodedata.normalize("NFKC", char)) for char in local)
    apart = (char if re.search(r"\s", plain) else plain for char, plain in folded)
    twins = unicodedata.normalize("NFC", "".join(apart)).lower().translate(_TWINS)
    return unicodedata.normalize("NFC", re.sub("i\u0307+", "i", twins)) + "@" + domain


def _invitees_are_equal() -> None:
    """Take it away."""
    with op.batch_alter_table("invitation_wrong_address") as table:
        table.drop_constraint(op.f("ck_invitation_wrong_address_generation"), type_="check")
        table.drop_column("generation")
    with op.batch_alter_table("invitation") as table:
        table.drop_index("ix_invitation_match")
        table.drop_column("email_match")


# Resource links: a choice of a person and a note of what was opened are two things ---------------


def _links_show() -> None:
    """Keep them apart."""


def _links_open() -> None:
    """Put them together again."""


# Grants of people of an LMS ----------------------------------------------------------------------


def _people_hold_roles() -> None:
    """Let a grant belong to a person."""


def _sessions_hold_roles() -> None:
    """Let grants belong to sessions only."""


# Logins: the same answer for the same form from the same browser ---------------------------------


def _logins_answer_again() -> None:
    """Keep what a login led to."""


def _logins_answer_once() -> None:
    """Forget it."""
