"""what real use found

Revision ID: 0004
Revises: 0003
"""

import re
import unicodedata
from collections.abc import Iterator

import idna
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    _invitees_match()
    _links_show()
    _people_hold_roles()
    _logins_answer_again()
    _rosters_say_who_told()


def downgrade() -> None:
    _rosters_say_nothing()
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
    _invitees_are_read_anew()
    _courses_are_searched_anew()
    wrong = sa.table("invitation_wrong_address", *map(sa.column, ("invitation_id", "generation")))
    # For which link each was typed is not known; the present one goes on being protected.
    present = sa.select(_INVITATION.c.generation).where(_INVITATION.c.id == wrong.c.invitation_id)
    op.execute(sa.update(wrong).values(generation=present.scalar_subquery()))


_INVITATION = sa.table(
    "invitation",
    *map(sa.column, ("id", "media_id", "type", "revoked_at", "generation", "search")),
    *map(sa.column, ("email", "email_match", "email_shown", "first_name", "last_name")),
)
_MEMBER = sa.table(
    "roster_member",
    *map(sa.column, ("id", "course_id", "given_name", "family_name", "name", "email")),
)
_TEXT = sa.table("roster_text", *map(sa.column, ("course_id", "text", "member_id")))


def _invitees_are_read_anew() -> None:
    """Write what they are compared and found by; take out what cannot be seen of addresses."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_INVITATION).order_by(_INVITATION.c.id)).all()
    taken = {(row.media_id, row.type, row.email) for row in rows if row.revoked_at is None}
    for row in rows:
        email, live = _visible(row.email), row.revoked_at is None
        if live and email != row.email:
            if (row.media_id, row.type, email) in taken:  # they stay two, as they were
                email = row.email
            taken.add((row.media_id, row.type, email))
        texts = _texts(row.first_name, row.last_name, "", email)
        connection.execute(
            sa.update(_INVITATION)
            .where(_INVITATION.c.id == row.id)
            .values(
                email=email,
                email_match=_match_form(email),
                email_shown=_shown(row.email_shown),
                search="".join(f"\n{text}" for text in texts),
            )
        )


def _courses_are_searched_anew() -> None:
    """Write the texts of those in whose names typographic twins stand."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(_MEMBER)).all():
        told = row.given_name, row.family_name, row.name, row.email
        if not set(_APOSTROPHES[1:] + _HYPHENS[1:]).intersection("".join(told)):
            continue
        connection.execute(sa.delete(_TEXT).where(_TEXT.c.member_id == row.id))
        for text in _texts(*told):
            values = {"course_id": row.course_id, "text": text, "member_id": row.id}
            connection.execute(sa.insert(_TEXT).values(values))


# How addresses were compared and people found when this revision was written; see revision 0002.

_APOSTROPHES = "'’‘‛ʼʻʹ′‵´`ꞌ\u055a\u05f3"
_HYPHENS = "-‐‑‒–—−\u058a\u05be"
_TWINS = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))
_IN_NAME = re.compile(r"(?<![^\s\-'’.(\"])\w")
_IN_ADDRESS = re.compile(r"(?<![^.\-_+])\w")
_MARKS = frozenset({"Mn", "Me", "Cf", "Cs"})
_TYPED_AS = _TWINS | str.maketrans(
    {"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe"}
)
_SHOW_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def _visible(text: str) -> str:
    shown = _SHOW_NOTHING.sub("", text)
    return "".join(char for char in shown if unicodedata.category(char) != "Cf")


def _ordinary_width(text: str) -> str:
    folded = ((char, unicodedata.normalize("NFKC", char)) for char in text)
    apart = (char if re.search(r"\s", plain) else plain for char, plain in folded)
    return unicodedata.normalize("NFC", "".join(apart))


def _shown(email: str) -> str:
    local, at, domain = _visible(email).rpartition("@")
    return local + at + re.sub("[。．｡]", ".", domain)


def _match_form(normal: str) -> str:
    local, _at, domain = normal.rpartition("@")
    twins = _ordinary_width(local).lower().translate(_TWINS).replace("ς", "σ")
    return unicodedata.normalize("NFC", _one_i(twins)) + "@" + _domain_to_match(domain)


def _domain_to_match(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    try:
        meant = _one_i(idna.decode(domain))
        return idna.encode(meant, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        return domain


def _one_i(text: str) -> str:
    return re.sub("i\u0307+", "i", text.replace("ı", "i"))


def _texts(given: str, family: str, name: str, email: str) -> list[str]:
    whole = _plain(f"{given} {family}")
    texts = [*_turned(whole), *_address(email)]
    known = set(whole.split())
    texts += [text for text in _turned(_plain(name)) if text.split()[0] not in known]
    return list(dict.fromkeys(text[:64] for text in texts))[:16]


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


def _invitees_are_equal() -> None:
    """Take it away."""
    with op.batch_alter_table("invitation_wrong_address") as table:
        table.drop_constraint(op.f("ck_invitation_wrong_address_generation"), type_="check")
        table.drop_column("generation")
    with op.batch_alter_table("invitation") as table:
        table.drop_index("ix_invitation_match")
        table.drop_column("email_match")


# Resource links: a choice of a person and a note of what was opened are two things ---------------


_LINK = sa.table(
    "resource_link",
    *map(sa.column, ("id", "deployment_id", "link_id", "course_id", "shows_gallery")),
)
_BINDING = sa.table(
    "media_link_binding",
    *map(sa.column, ("resource_link_id", "media_id", "chosen_here", "bound_at", "bound_by")),
)
_CHOICE = sa.table(
    "media_link_choice", *map(sa.column, ("resource_link_id", "media_id", "chosen_at", "chosen_by"))
)
_NOTE = sa.table(
    "media_link_note", *map(sa.column, ("resource_link_id", "media_id", "opened_at"))
)
_OF_LINK = sa.table("tool_session", *map(sa.column, ("id", "resource_link_id", "link_shows")))
_BY_LINK = "uq_resource_link_deployment_id_link_id"
_BY_COURSE = "uq_resource_link_deployment_id_link_id_course_id"


def _links_show() -> None:
    """Keep them apart."""
    _leads_to_media(
        "media_link_choice",
        sa.Column("chosen_at", _MOMENT, nullable=False),
        sa.Column("chosen_by", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["chosen_by"],
            ["person.id"],
            name=op.f("fk_media_link_choice_chosen_by"),
            ondelete="SET NULL",
        ),
        key=["resource_link_id"],
        may_lead_nowhere=True,
    )
    _leads_to_media(
        "media_link_note",
        sa.Column("opened_at", _MOMENT, nullable=False),
        key=["resource_link_id", "media_id"],
    )
    chosen = _BINDING.c.chosen_here == sa.true()
    columns = _BINDING.c.resource_link_id, _BINDING.c.media_id, _BINDING.c.bound_at
    choices = sa.select(*columns, _BINDING.c.bound_by).where(chosen)
    op.execute(sa.insert(_CHOICE).from_select([one.name for one in _CHOICE.c], choices))
    notes = sa.select(*columns).where(~chosen)
    op.execute(sa.insert(_NOTE).from_select([one.name for one in _NOTE.c], notes))
    with op.batch_alter_table("tool_session") as table:
        table.add_column(sa.Column("link_shows", sa.String(length=8), nullable=True))
        table.create_check_constraint(
            op.f("ck_tool_session_link_shows"), "link_shows IN ('item', 'gallery')"
        )
    link = _OF_LINK.c.resource_link_id
    gallery = sa.select(_LINK.c.id).where(_LINK.c.shows_gallery == sa.true())
    named = sa.select(_NOTE.c.resource_link_id)
    op.execute(sa.update(_OF_LINK).where(link.in_(named)).values(link_shows="item"))
    op.execute(sa.update(_OF_LINK).where(link.in_(gallery)).values(link_shows="gallery"))
    op.drop_table("media_link_binding")
    with op.batch_alter_table("resource_link") as table:
        table.drop_column("shows_gallery")
        table.drop_constraint(op.f(_BY_LINK), type_="unique")
        table.create_unique_constraint(op.f(_BY_COURSE), ["deployment_id", "link_id", "course_id"])
        table.create_index(
            "uq_resource_link_outside",
            ["deployment_id", "link_id"],
            unique=True,
            sqlite_where=sa.text("course_id IS NULL"),
            postgresql_where=sa.text("course_id IS NULL"),
        )


def _leads_to_media(
    name: str,
    *columns: sa.Column | sa.Constraint,
    key: list[str],
    may_lead_nowhere: bool = False,
) -> None:
    """Create a table about a resource link and an item."""
    op.create_table(
        name,
        sa.Column("resource_link_id", sa.String(length=26), nullable=False),
        sa.Column("media_id", sa.String(length=26), nullable=may_lead_nowhere),
        *columns,
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_item.id"], name=op.f(f"fk_{name}_media_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_link.id"],
            name=op.f(f"fk_{name}_resource_link_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )
    with op.batch_alter_table(name) as table:
        table.create_index(f"ix_{name}_media", ["media_id"])


def _links_open() -> None:
    """Put them together again: a choice, else the latest note, of each link."""
    _one_link_for_all_courses()
    with op.batch_alter_table("resource_link") as table:
        table.drop_index("uq_resource_link_outside")
        table.drop_constraint(op.f(_BY_COURSE), type_="unique")
        table.create_unique_constraint(op.f(_BY_LINK), ["deployment_id", "link_id"])
        table.add_column(
            sa.Column("shows_gallery", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    gallery = sa.select(_OF_LINK.c.resource_link_id).where(_OF_LINK.c.link_shows == "gallery")
    op.execute(sa.update(_LINK).where(_LINK.c.id.in_(gallery)).values(shows_gallery=sa.true()))
    with op.batch_alter_table("tool_session") as table:
        table.drop_constraint(op.f("ck_tool_session_link_shows"), type_="check")
        table.drop_column("link_shows")
    _leads_to_media(
        "media_link_binding",
        sa.Column("chosen_here", sa.Boolean(), nullable=False),
        sa.Column("bound_at", _MOMENT, nullable=False),
        sa.Column("bound_by", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(
            ["bound_by"],
            ["person.id"],
            name=op.f("fk_media_link_binding_bound_by"),
            ondelete="SET NULL",
        ),
        key=["resource_link_id"],
    )
    names = [one.name for one in _BINDING.c]
    choice, note, later = _CHOICE.c, _NOTE.c, _NOTE.alias().c
    chosen = sa.select(
        choice.resource_link_id, choice.media_id, sa.true(), choice.chosen_at, choice.chosen_by
    ).where(choice.media_id.is_not(None))
    op.execute(sa.insert(_BINDING).from_select(names, chosen))
    newer = sa.or_(
        later.opened_at > note.opened_at,
        sa.and_(later.opened_at == note.opened_at, later.media_id > note.media_id),
    )
    noted = sa.select(
        note.resource_link_id,
        note.media_id,
        sa.false(),
        note.opened_at,
        sa.cast(sa.null(), sa.String(length=26)),
    ).where(
        note.resource_link_id.not_in(
            sa.select(choice.resource_link_id).where(choice.media_id.is_not(None))
        ),
        ~sa.exists().where(later.resource_link_id == note.resource_link_id, newer),
    )
    op.execute(sa.insert(_BINDING).from_select(names, noted))
    op.drop_table("media_link_note")
    op.drop_table("media_link_choice")


def _one_link_for_all_courses() -> None:
    """Let one of the links that share an id stand for all, the one for which something was chosen
    last; sessions go over to it."""
    connection = op.get_bind()
    last = sa.func.coalesce(sa.cast(_CHOICE.c.chosen_at, sa.String), "")
    rows = connection.execute(
        sa.select(_LINK.c.deployment_id, _LINK.c.link_id, _LINK.c.id)
        .select_from(
            _LINK.outerjoin(_CHOICE, _CHOICE.c.resource_link_id == _LINK.c.id)
        )
        .order_by(last.desc(), _LINK.c.id)
    ).all()
    kept: dict[tuple[str, str], str] = {}
    for deployment_id, link_id, row_id in rows:
        stands_for_all = kept.setdefault((deployment_id, link_id), row_id)
        if stands_for_all == row_id:
            continue
        of_row = _OF_LINK.c.resource_link_id == row_id
        connection.execute(
            sa.update(_OF_LINK).where(of_row).values(resource_link_id=stands_for_all)
        )
        for table in (_CHOICE, _NOTE):
            connection.execute(sa.delete(table).where(table.c.resource_link_id == row_id))
        connection.execute(sa.delete(_LINK).where(_LINK.c.id == row_id))


# Grants of people of an LMS ----------------------------------------------------------------------


_GRANT = sa.table(
    "media_grant",
    *map(sa.column, ("id", "media_id", "session_id", "person_id", "source")),
    *map(sa.column, ("created_at", "ended_at")),
)
_SESSION = sa.table(
    "tool_session", *map(sa.column, ("id", "kind", "guise", "person_id", "created_at"))
)
_PERSON = sa.table("person", *map(sa.column, ("id", "kind")))


def _people_hold_roles() -> None:
    """Let a grant belong to a person, as those do by which people of an LMS used an invitation."""
    with op.batch_alter_table("media_grant") as table:
        table.alter_column("session_id", existing_type=sa.String(length=26), nullable=True)
        table.add_column(sa.Column("person_id", sa.String(length=26), nullable=True))
        table.create_foreign_key(
            op.f("fk_media_grant_person_id"), "person", ["person_id"], ["id"], ondelete="CASCADE"
        )
        table.create_unique_constraint(
            "uq_media_grant_person", ["person_id", "media_id", "source"]
        )
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(_GRANT.c.id, _GRANT.c.media_id, _GRANT.c.source, _SESSION.c.person_id)
        .select_from(
            _GRANT.join(_SESSION, _SESSION.c.id == _GRANT.c.session_id).join(
                _PERSON, _PERSON.c.id == _SESSION.c.person_id
            )
        )
        .where(
            _GRANT.c.ended_at.is_(None),
            _GRANT.c.source.like("invitation:%"),
            _SESSION.c.kind == "launch",
            _SESSION.c.guise.is_(None),
            _PERSON.c.kind == "lms",
        )
        .order_by(_GRANT.c.created_at, _GRANT.c.id)
    ).all()
    held: set[tuple[str, str, str]] = set()
    for grant_id, media_id, source, person_id in rows:
        which = _GRANT.c.id == grant_id
        if (person_id, media_id, source) in held:  # in another session of theirs, a tab perhaps
            connection.execute(sa.delete(_GRANT).where(which))
            continue
        held.add((person_id, media_id, source))
        given = sa.update(_GRANT).where(which).values(person_id=person_id, session_id=None)
        connection.execute(given)
    with op.batch_alter_table("media_grant") as table:
        table.create_check_constraint(
            op.f("ck_media_grant_one_holder"), "(session_id IS NULL) <> (person_id IS NULL)"
        )


def _sessions_hold_roles() -> None:
    """Let grants belong to sessions only: a person's to the latest session that is theirs alone."""
    connection = op.get_bind()
    with op.batch_alter_table("media_grant") as table:
        table.drop_constraint(op.f("ck_media_grant_one_holder"), type_="check")
    rows = connection.execute(
        sa.select(_GRANT.c.id, _GRANT.c.person_id).where(_GRANT.c.person_id.is_not(None))
    ).all()
    for grant_id, person_id in rows:
        latest = connection.scalar(
            sa.select(_SESSION.c.id)
            .where(
                _SESSION.c.person_id == person_id,
                _SESSION.c.kind == "launch",
                _SESSION.c.guise.is_(None),
            )
            .order_by(_SESSION.c.created_at.desc(), _SESSION.c.id)
            .limit(1)
        )
        which = _GRANT.c.id == grant_id
        if latest is None:
            connection.execute(sa.delete(_GRANT).where(which))
        else:
            connection.execute(sa.update(_GRANT).where(which).values(session_id=latest))
    with op.batch_alter_table("media_grant") as table:
        table.drop_constraint("uq_media_grant_person", type_="unique")
        table.drop_constraint(op.f("fk_media_grant_person_id"), type_="foreignkey")
        table.drop_column("person_id")
        table.alter_column("session_id", existing_type=sa.String(length=26), nullable=False)


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


# Rosters: what a list ceases to tell is forgotten, and not what it never told ---------------------


def _rosters_say_who_told() -> None:
    """Note who told an address; of those that are there, as was believed, the list."""
    with op.batch_alter_table("roster_member") as table:
        listed = sa.Column("listed", sa.Boolean(), server_default=sa.true(), nullable=False)
        table.add_column(listed)


def _rosters_say_nothing() -> None:
    """Forget that."""
    with op.batch_alter_table("roster_member") as table:
        table.drop_column("listed")
