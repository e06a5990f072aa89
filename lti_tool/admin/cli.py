"""``flask settings``: the same registry as the page, for operators."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from lti_tool.core.audit import OPERATOR, JsonValue
from lti_tool.core.db.session import transaction
from lti_tool.core.institutions import (
    Setting,
    SettingError,
    in_words,
    registry,
    set_setting,
    settings_of,
)
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registrations import by_name

settings_group = AppGroup("settings", help="What an institution decides.")


def _institution(platform: str) -> str:
    try:
        return by_name(platform).institution_id
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error


@settings_group.command("show")
@click.option("--platform", required=True, help="The registration's name.")
def show(platform: str) -> None:
    """Show every setting of an institution."""
    values = settings_of(_institution(platform))
    for name, item in registry().items():
        click.echo(_line(item, values[name]))


@settings_group.command("set", context_settings={"ignore_unknown_options": True})
@click.option("--platform", required=True, help="The registration's name.")
@click.argument("name")
@click.argument("value")
def set_one(platform: str, name: str, value: str) -> None:
    """Change one setting.

    A list is written with commas, a length of time as "90 minutes", "12 hours" or "7 days"; -1
    means no limit.
    """
    institution_id = _institution(platform)
    try:
        with transaction():
            now_in_force = set_setting(institution_id, name, value, OPERATOR)
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_line(registry()[name], now_in_force))


def _line(item: Setting, value: JsonValue) -> str:
    """Write a value as it is typed, and a length of time as the page says it too."""
    if item.kind == "duration" and isinstance(value, int):
        return f"{item.name} = {item.show(value)} ({in_words(value, item.unit)})"
    return f"{item.name} = {item.show(value)}"
