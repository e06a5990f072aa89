"""safety first: switching off ends for good, a lost answer burns nothing, whose audience it is

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")

_REGISTRATION = sa.table(
    "registration",
    *map(sa.column, ("id", "enabled", "awaiting_approval", "auth_audience")),
    *map(sa.column, ("self_registered", "audience_by_operator", "times_switched_off")),
)
_DEPLOYMENT = sa.table(
    "deployment", *map(sa.column, ("enabled", "waiting", "times_switched_off"))
)
_SESSION = sa.table("tool_session", *map(sa.column, ("seen_at", "first_used_at")))
_AUDIT = sa.table(
    "audit_record",
    *map(sa.column, ("id", "at", "action", "actor_kind", "subject_type", "subject_id")),
    sa.column("details", sa.JSON()),
)


def upgrade() -> None:
    with op.batch_alter_table("registration") as table:
        table.add_column(_switch("self_registered"))
        table.add_column(_switch("audience_by_operator"))
        table.add_column(_count("times_switched_off"))
    with op.batch_alter_table("deployment") as table:
        table.add_column(_count("times_switched_off"))
    with op.batch_alter_table("tool_session") as table:
        table.add_column(_count("times_switched_off"))
        table.add_column(sa.Column("first_used_at", _MOMENT, nullable=True))
    # Sessions of before are taken for used: nobody waits for the answer that brought them.
    op.execute(sa.update(_SESSION).values(first_used_at=_SESSION.c.seen_at))
    _end_what_slipped_in()
    _say_who_wrote_it()


def _switch(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _end_what_slipped_in() -> None:
    """What is switched off now may have sessions that began in that moment: they are over."""
    for table, waits in (
        (_REGISTRATION, _REGISTRATION.c.awaiting_approval),
        (_DEPLOYMENT, _DEPLOYMENT.c.waiting),
    ):
        off = sa.and_(table.c.enabled == sa.false(), waits == sa.false())
        op.execute(sa.update(table).where(off).values(times_switched_off=1))


def _say_who_wrote_it() -> None:
    """The audit tells whether an LMS announced itself, and who wrote its audience last."""
    connection = op.get_bind()
    held = sa.select(_REGISTRATION.c.id, _REGISTRATION.c.auth_audience)
    for row in connection.execute(held).all():
        told = connection.execute(
            sa.select(_AUDIT.c.action, _AUDIT.c.actor_kind, _AUDIT.c.details)
            .where(
                _AUDIT.c.subject_type == "registration",  # as the index begins
                _AUDIT.c.subject_id == row.id,
                _AUDIT.c.action.in_(("platform.added", "platform.announced", "platform.changed")),
            )
            .order_by(_AUDIT.c.at, _AUDIT.c.id)
        ).all()
        by_itself, of_audience = False, None
        for action, actor, details in told:
            changed = (details or {}).get("changed", ())
            if action != "platform.changed" or "client_id" in changed:
                by_itself = actor == "system"
            if action != "platform.changed" or "auth_audience" in changed:
                of_audience = actor
        # Where nothing is told, an operator wrote it before that was noted.
        by_operator = row.auth_audience is not None and of_audience != "system"
        connection.execute(
            sa.update(_REGISTRATION)
            .where(_REGISTRATION.c.id == row.id)
            .values(self_registered=by_itself, audience_by_operator=by_operator)
        )


def downgrade() -> None:
    with op.batch_alter_table("tool_session") as table:
        table.drop_column("first_used_at")
        table.drop_column("times_switched_off")
    with op.batch_alter_table("deployment") as table:
        table.drop_column("times_switched_off")
    with op.batch_alter_table("registration") as table:
        table.drop_column("times_switched_off")
        table.drop_column("audience_by_operator")
        table.drop_column("self_registered")
