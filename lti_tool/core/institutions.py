"""Institutions (one for each registered LMS) and the registry of their settings.

Each room registers the settings it reads; the settings page and ``flask settings`` show them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import JSON, ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core import audit
from lti_tool.core.audit import Actor, JsonValue
from lti_tool.core.clock import now
from lti_tool.core.db.compiled import Statement
from lti_tool.core.db.session import ID, Model, UtcDateTime, db, remembered
from lti_tool.core.durations import (
    MINUTES_OF,
    NotADuration,
    largest_unit,
    read_duration,
    units_from,
)
from lti_tool.core.ids import new_id

Kind = Literal["switch", "number", "duration", "choice", "words", "colour"]
UNIT_NAMES = {
    "minutes": lazy_gettext("minutes"),
    "hours": lazy_gettext("hours"),
    "days": lazy_gettext("days"),
}
UNLIMITED = -1
_REMEMBERED = "settings"
_MARKS = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Marks of direction and of no width; joiners inside a domain name mean something."""
_BETWEEN = re.compile(r"[\s,;،؛、，；]+")


class Institution(Model):
    """An institution, such as a university: one for each registered LMS."""

    __tablename__ = "institution"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InstitutionSetting(Model):
    """A setting that an institution has changed; one that it never changed has no row."""

    __tablename__ = "institution_setting"

    institution_id: Mapped[str] = mapped_column(
        ForeignKey("institution.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettingError(ValueError):
    """The value does not fit the setting; the text tells a person why."""


@dataclass(frozen=True)
class Setting:
    """One thing an institution decides.

    ``kind``: switch (on/off), number (whole, ``minimum`` to ``maximum``, or -1 where
    ``unlimited``), duration (a number, stored in ``unit``, one of ``UNIT_NAMES``), choice (one of
    ``choices``), words (a list, separated by commas or new lines; where there are ``choices``, one
    of these alone or a list, which ``instead`` names on the page), colour (#rrggbb). ``check`` may
    normalise the value further or raise SettingError.
    ``warnings`` says, per value, what is lost by choosing it.
    """

    name: str
    group: Any
    label: Any
    help: Any
    kind: Kind
    default: JsonValue
    minimum: int = 0
    maximum: int = 1_000_000
    unlimited: bool = False
    unit: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    instead: Any = ""
    warnings: tuple[tuple[str, Any], ...] = ()
    check: Callable[[Any], JsonValue] | None = None

    def parse(self, raw: str) -> JsonValue:
        """Read the value written as ``raw``.

        Raises SettingError.
        """
        value = _PARSERS[self.kind](self, _bare(raw))
        return self.check(value) if self.check else value

    @property
    def units(self) -> dict[str, int]:
        """The units that a duration can be written in, with how many of its own each of them is."""
        return units_from(self.unit)

    def amount_and_unit(self, raw: str) -> tuple[str, str]:
        """Take a duration apart as it was typed, for a field and a list of units."""
        amount, _space, unit = raw.strip().rpartition(" ")
        if unit in self.units:
            return amount, unit
        if not raw.strip().isascii() or not raw.strip().isdecimal():
            return raw, self.unit
        length, unit = largest_unit(int(raw), self.unit)
        return str(length), unit

    def show(self, value: JsonValue) -> str:
        """Write the value as it is typed."""
        if self.kind == "switch":
            return "on" if value else "off"
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        return str(value)


def _bare(text: str) -> str:
    """Take away what stands around a text and is not seen, as what was copied brings along."""
    return text.strip().strip(_MARKS).strip()


def _switch(_setting: Setting, raw: str) -> JsonValue:
    if raw.lower() in {"on", "1", "true", "yes"}:
        return True
    if raw.lower() in {"off", "0", "false", "no", ""}:
        return False
    raise SettingError(_("Choose on or off."))


def _number(setting: Setting, raw: str) -> JsonValue:
    if setting.unlimited and raw.lower() in {"unlimited", "no limit"}:
        return UNLIMITED
    value = int(raw) if re.fullmatch(r"-?[0-9]{1,9}", raw) else None
    if setting.unlimited and value == UNLIMITED:
        return value
    if value is None or not setting.minimum <= value <= setting.maximum:
        borders = {"low": setting.minimum, "high": setting.maximum}
        raise SettingError(
            _("Type a whole number from %(low)s to %(high)s, or choose no limit.", **borders)
            if setting.unlimited
            else _("Type a whole number from %(low)s to %(high)s.", **borders)
        )
    return value


def _duration(setting: Setting, raw: str) -> JsonValue:
    try:
        length = read_duration(_in_english(raw), setting.unit)
    except NotADuration as error:
        whole_hours = _("Write a length of time in whole hours or days, such as 12 hours.")
        any_unit = _("Write a length of time such as 2 days, 12 hours or 90 minutes.")
        raise SettingError(any_unit if setting.unit == "minutes" else whole_hours) from error
    if not setting.minimum <= length <= setting.maximum:
        raise SettingError(
            _(
                "From %(low)s to %(high)s.",
                low=in_words(setting.minimum, setting.unit),
                high=in_words(setting.maximum, setting.unit),
            )
        )
    return length


def _in_english(written: str) -> str:
    """Put the unit's name in the reader's language, as our sentences write it, into English."""
    amount, _space, word = written.rpartition(" ")
    for unit, minutes in MINUTES_OF.items():
        ours = [in_words(many * minutes, "minutes") for many in (1, 2, 5)]
        names = [one.split()[-1].casefold() for one in ours if one[0].isdigit()]
        if word.casefold() in names:
            return f"{amount} {unit}"
    return written


def in_words(length: int, base: str) -> str:
    """Write a length of time as people read it, such as “3 days”."""
    amount, unit = largest_unit(length, base)
    if unit == "days":
        return str(ngettext("%(num)d day", "%(num)d days", amount))
    if unit == "hours":
        return str(ngettext("%(num)d hour", "%(num)d hours", amount))
    return str(ngettext("%(num)d minute", "%(num)d minutes", amount))


def _choice(setting: Setting, raw: str) -> JsonValue:
    if raw not in dict(setting.choices):
        raise SettingError(
            _("Choose one of: %(names)s.", names=", ".join(name for name, _l in setting.choices))
        )
    return raw


def _words(_setting: Setting, raw: str) -> JsonValue:
    return list(dict.fromkeys(bare for word in _BETWEEN.split(raw) if (bare := _bare(word))))


def _colour(_setting: Setting, raw: str) -> JsonValue:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", raw):
        raise SettingError(_("Type a colour such as #1f5fa8."))
    return raw.lower()


_PARSERS: dict[str, Callable[[Setting, str], JsonValue]] = {
    "switch": _switch,
    "number": _number,
    "duration": _duration,
    "choice": _choice,
    "words": _words,
    "colour": _colour,
}

GENERAL = lazy_gettext("General")


ACCENT_COLOUR = Setting(
    name="accent_colour",
    group=GENERAL,
    label=lazy_gettext("Accent colour"),
    help=lazy_gettext(
        "The colour of buttons and links. Its lightness is adjusted where text would become hard"
        " to read."
    ),
    kind="colour",
    default="#17596b",
)


def install(app: Flask) -> None:
    app.extensions["foyer.settings"] = {}
    register(app, ACCENT_COLOUR)


def register(app: Flask, *settings: Setting) -> None:
    """Make settings known.

    Raises ValueError when a name is taken.
    """
    known = registry(app)
    for item in settings:
        if item.name in known:
            raise ValueError(f"the setting {item.name} is registered twice")
        known[item.name] = item


def registry(app: Flask | None = None) -> dict[str, Setting]:
    known: dict[str, Setting] = (app or current_app).extensions["foyer.settings"]
    return known


_CHANGED = Statement(
    select(InstitutionSetting.name, InstitutionSetting.value).where(
        InstitutionSetting.institution_id == bindparam("institution")
    )
)


def settings_of(institution_id: str) -> dict[str, JsonValue]:
    """Read all settings of an institution, defaults filled in.

    Asked of the database once a request, and anew in a transaction.
    """
    cache: dict[str, dict[str, JsonValue]] = remembered().setdefault(_REMEMBERED, {})
    if institution_id not in cache:
        values = {name: item.default for name, item in registry().items()}
        changed = _CHANGED.rows({"institution": institution_id})
        values.update({one.name: one.value for one in changed if one.name in values})
        cache[institution_id] = values
    return cache[institution_id]


def setting(institution_id: str, name: str) -> Any:
    """Look up the value in force.

    Raises KeyError for a name no room registered.
    """
    return settings_of(institution_id)[name]


def hold_settings(institution_id: str) -> None:
    """Let changes of an institution's settings come one after the other (a lock).

    It holds inside the running transaction: a setting that was never changed has no row that could
    be held.
    """
    db.session.execute(
        select(Institution.id)
        .where(Institution.id == institution_id)
        .with_for_update(key_share=True)
    )


def set_setting(institution_id: str, name: str, raw: str, actor: Actor) -> JsonValue:
    """Change a setting inside the running transaction, audited when it really changes.

    Raises SettingError when the name or the value is wrong.
    """
    known = registry()
    if name not in known:
        raise SettingError(
            _(
                "There is no setting called %(name)s. There are: %(names)s.",
                name=name,
                names=", ".join(sorted(known)),
            )
        )
    value = known[name].parse(raw)
    hold_settings(institution_id)
    row = db.session.get(InstitutionSetting, (institution_id, name), populate_existing=True)
    before = row.value if row is not None else known[name].default
    if before == value:
        return value
    if row is None:
        db.session.add(
            InstitutionSetting(
                institution_id=institution_id, name=name, value=value, changed_at=now()
            )
        )
    else:
        row.value, row.changed_at = value, now()
    db.session.flush()
    remembered().pop(_REMEMBERED, None)
    audit.record(
        "setting.changed",
        institution_id=institution_id,
        actor=actor,
        subject=("setting", name),
        before=before,
        after=value,
    )
    return value
