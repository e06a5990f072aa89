"""Changing several settings at once: all or none."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.core.audit import Actor
from lti_tool.core.db.session import transaction
from lti_tool.core.institutions import (
    Setting,
    SettingError,
    hold_settings,
    registry,
    set_setting,
    settings_of,
)


def differs(item: Setting, typed: str, shown: str) -> bool:
    """Tell whether somebody typed another value than they were shown; another spelling is none."""
    if typed.strip() == shown.strip():
        return False
    try:
        return item.parse(typed) != item.parse(shown)
    except SettingError:
        return True


def wrong_values(written: Mapping[str, str]) -> dict[str, str]:
    """Say what is wrong with the values, by setting; empty when all are fit."""
    errors = {}
    for name, item in registry().items():
        if name in written:
            try:
                item.parse(written[name])
            except SettingError as error:
                errors[name] = str(error)
    return errors


def change_settings(institution_id: str, written: Mapping[str, str], actor: Actor) -> int:
    """Set every named setting; say how many really changed.

    Raises SettingError; then none is.
    """
    with transaction():
        # Held before it is read: what somebody else changes meanwhile is no change of this one's.
        hold_settings(institution_id)
        before = dict(settings_of(institution_id))
        for name in registry():
            if name in written:
                set_setting(institution_id, name, written[name], actor)
        after = settings_of(institution_id)
        return sum(before[name] != after[name] for name in before)
