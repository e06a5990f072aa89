"""at home in every LMS: platform storage, own registration, deep linking, visitors, rosters

Revision ID: 0002
Revises: 0001
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
_BY_BYTES = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
_PERSON_BEFORE = (
    "(kind = 'lms' AND registration_id IS NOT NULL AND sub IS NOT NULL)"
    " OR (kind = 'guest' AND registration_id IS NULL AND sub IS NULL AND email IS NOT NULL)"
)
_PERSON = (
    _PERSON_BEFORE
    + " OR (kind = 'visitor' AND registration_id IS NOT NULL AND sub IS NULL AND email IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "registration_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("registration_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_registration_code_registration_id"),
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_registration_code")),
    )
    op.create_table(
        "deep_linking_request",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("deployment_id", sa.String(length=26), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=True),
        sa.Column("accept_types", sa.JSON(), nullable=False),
        sa.Column("accept_targets", sa.JSON(), nullable=False),
        sa.Column("accept_multiple", sa.Boolean(), nullable=False),
        sa.Column("accept_lineitem", sa.Boolean(), nullable=False),
        sa.Column("data", sa.Text(), nullable=True),
        sa.Column("placement", sa.String(length=255), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_deep_linking_request_deployment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_deep_linking_request_registration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deep_linking_request")),
    )
    with op.batch_alter_table("deep_linking_request") as table:
        table.create_index("ix_deep_linking_request_created", ["created_at"])
    with op.batch_alter_table("registration") as table:
        table.add_column(
            sa.Column(
                "awaiting_approval", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
        table.create_check_constraint(
            op.f("ck_registration_approved_before_enabled"), "NOT (enabled AND awaiting_approval)"
        )
    with op.batch_alter_table("deployment") as table:
        table.add_column(
            sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        table.create_check_constraint(
            op.f("ck_deployment_let_in_before_enabled"), "NOT (enabled AND waiting)"
        )
    with op.batch_alter_table("login_state") as table:
        table.add_column(sa.Column("storage_frame", sa.String(length=255), nullable=True))
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("ck_person_one_kind"), type_="check")
        table.create_check_constraint(op.f("ck_person_one_kind"), _PERSON)
    with op.batch_alter_table("course") as table:
        table.add_column(sa.Column("memberships_url", sa.String(length=1024), nullable=True))
    with op.batch_alter_table("resource_link") as table:
        table.add_column(
            sa.Column("shows_gallery", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("search", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("created_acting_for", sa.String(length=255), nullable=True))
    _let_invitees_be_found()
    op.create_table(
        "roster",
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=True),
        sa.Column("read_at", _MOMENT, nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("claimed_by", sa.String(length=26), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("without_address", sa.Integer(), nullable=False),
        sa.CheckConstraint("source IN ('lms', 'launches')", name=op.f("ck_roster_source")),
        sa.CheckConstraint(
            "(source IS NULL) = (read_at IS NULL)", name=op.f("ck_roster_read")
        ),
        sa.CheckConstraint(
            "(claimed_by IS NULL) = (claimed_until IS NULL)", name=op.f("ck_roster_claim")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_roster_course_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_roster")),
    )
    op.create_table(
        "roster_member",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("given_name", sa.String(length=255), nullable=False),
        sa.Column("family_name", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["roster.course_id"],
            name=op.f("fk_roster_member_course_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_member")),
        sa.UniqueConstraint("course_id", "sub", name=op.f("uq_roster_member_course_id_sub")),
    )
    op.create_table(
        "roster_text",
        sa.Column("course_id", sa.String(length=26), nullable=False),
        sa.Column("text", _BY_BYTES, nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["roster_member.id"],
            name=op.f("fk_roster_text_member_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "text", "member_id", name=op.f("pk_roster_text")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_roster_text_member", "roster_text", ["member_id", "text"])
    with op.batch_alter_table("tool_session") as table:
        table.add_column(sa.Column("guise", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("acting_for", sa.String(length=255), nullable=True))
        table.add_column(sa.Column("deep_linking_id", sa.String(length=26), nullable=True))
        table.add_column(sa.Column("return_url", sa.Text(), nullable=True))
        table.create_foreign_key(
            op.f("fk_tool_session_deep_linking_id"),
            "deep_linking_request",
            ["deep_linking_id"],
            ["id"],
        )
        table.create_check_constraint(
            op.f("ck_tool_session_guise"),
            "guise IS NULL OR guise IN ('visitor', 'student_view', 'acting_as')",
        )
        table.create_check_constraint(
            op.f("ck_tool_session_acting_for"), "acting_for IS NULL OR guise IS NOT NULL"
        )
        table.create_index(
            "ix_tool_session_dialog",
            ["deep_linking_id"],
            sqlite_where=sa.text("deep_linking_id IS NOT NULL"),
            postgresql_where=sa.text("deep_linking_id IS NOT NULL"),
        )
    with op.batch_alter_table("session_ticket") as table:
        table.add_column(
            sa.Column("purpose", sa.String(length=8), server_default="tab", nullable=False)
        )
        table.create_check_constraint(
            op.f("ck_session_ticket_purpose"), "purpose IN ('tab', 'page')"
        )


def _let_invitees_be_found() -> None:
    invitation = sa.table(
        "invitation", *map(sa.column, ("id", "email", "first_name", "last_name", "search"))
    )
    rows = op.get_bind().execute(sa.select(invitation)).all()
    for row in rows:
        text = _search_text(row.email, row.first_name, row.last_name)
        op.execute(sa.update(invitation).where(invitation.c.id == row.id).values(search=text))


# How invitees were found when this revision was written. The program may find them otherwise since,
# and then has a revision that says so: this one stays as it was.

_IN_NAME = re.compile(r"(?<![^\s\-'’.(\"])\w")
_IN_ADDRESS = re.compile(r"(?<![^.\-_+])\w")
_MARKS = frozenset({"Mn", "Me", "Cf", "Cs"})
_TYPED_AS = str.maketrans(
    {"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe"}
)


def _search_text(email: str, first_name: str, last_name: str) -> str:
    texts = dict.fromkeys(
        text[:64] for text in (*_turned(_plain(f"{first_name} {last_name}")), *_address(email))
    )
    return "".join(f"\n{text}" for text in [*texts][:16])


def _turned(name: str) -> Iterator[str]:
    for found in _IN_NAME.finditer(name):
        at = found.start()
        yield f"{name[at:]} {name[:at].strip()}".strip()


def _address(email: str) -> Iterator[str]:
    local, _at, _domain = _plain(email).rpartition("@")
    for found in _IN_ADDRESS.finditer(local):
        yield _plain(email)[found.start() :]


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_TYPED_AS)).casefold()
    bare = (char for char in apart if unicodedata.category(char) not in _MARKS)
    return " ".join("".join(bare).split())


def downgrade() -> None:
    op.drop_table("roster_text")
    op.drop_table("roster_member")
    op.drop_table("roster")
    with op.batch_alter_table("invitation") as table:
        table.drop_column("created_acting_for")
        table.drop_column("search")
    with op.batch_alter_table("session_ticket") as table:
        table.drop_constraint(op.f("ck_session_ticket_purpose"), type_="check")
        table.drop_column("purpose")
    with op.batch_alter_table("tool_session") as table:
        table.drop_index("ix_tool_session_dialog")
        table.drop_constraint(op.f("ck_tool_session_acting_for"), type_="check")
        table.drop_constraint(op.f("ck_tool_session_guise"), type_="check")
        table.drop_constraint(op.f("fk_tool_session_deep_linking_id"), type_="foreignkey")
        table.drop_column("return_url")
        table.drop_column("deep_linking_id")
        table.drop_column("acting_for")
        table.drop_column("guise")
    with op.batch_alter_table("resource_link") as table:
        table.drop_column("shows_gallery")
    with op.batch_alter_table("course") as table:
        table.drop_column("memberships_url")
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("ck_person_one_kind"), type_="check")
        table.create_check_constraint(op.f("ck_person_one_kind"), _PERSON_BEFORE)
    with op.batch_alter_table("login_state") as table:
        table.drop_column("storage_frame")
    with op.batch_alter_table("deployment") as table:
        table.drop_constraint(op.f("ck_deployment_let_in_before_enabled"), type_="check")
        table.drop_column("waiting")
    with op.batch_alter_table("registration") as table:
        table.drop_constraint(op.f("ck_registration_approved_before_enabled"), type_="check")
        table.drop_column("awaiting_approval")
    with op.batch_alter_table("deep_linking_request") as table:
        table.drop_index("ix_deep_linking_request_created")
    op.drop_table("deep_linking_request")
    op.drop_table("registration_code")
