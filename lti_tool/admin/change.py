"""Changing several settings at once: all or none."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.core.audit import Actor
from lti_tool.core.database import transaction
from lti_tool.core.institutions import SettingError, registry, set_setting, settings_of


def wrong_values(written: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the values, by setting; empty when all are fit."""
    errors = {}
    for name, item in registry().items():
        if name in written:
            try:
                item.parse(written[name])
            except SettingError as error:
                errors[name] = str(error)
    return errors


def change_settings(institution_id: str, written: Mapping[str, str], actor: Actor) -> int:
    """Set every named setting; says how many really changed. Raises SettingError; then none is."""
    with transaction():
        before = dict(settings_of(institution_id))
        for name in registry():
            if name in written:
                set_setting(institution_id, name, written[name], actor)
        after = settings_of(institution_id)
        return sum(before[name] != after[name] for name in before)
