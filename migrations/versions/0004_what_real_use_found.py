"""what real use found

Revision ID: 0004
Revises: 0003
"""

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


# Logins: the same answer for the same form from the same browser ---------------------------------


def _logins_answer_again() -> None:
    """Keep what a login led to."""


def _logins_answer_once() -> None:
    """Forget it."""
