"""``flask people …``: retention, and switching an LMS off and on or trying it."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask import Blueprint

from lti_tool.lti.cli import platform_group
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.people.platform_switch import switch_off, switch_on
from lti_tool.people.retention import forget, forget_rosters
from lti_tool.people.roster_probe import check

commands = Blueprint("people_commands", __name__, cli_group="people")
commands.cli.help = "The sessions, and the lists of who is in a course."


@commands.cli.command("forget")
def forget_command() -> None:
    """Remove sessions and course lists that nobody has used for 30 days.

    Sessions that ended over 30 days ago, and lists of who is in a course that were not read for 30
    days. Let it run once a day, after the others.
    """
    click.echo(f"Removed {forget()} sessions and {forget_rosters()} course lists.")


@platform_group.command("disable")
@click.argument("name")
@click.option("--deployment", help="Only this deployment.")
def disable(name: str, deployment: str | None) -> None:
    """Switch an LMS off: its sessions end, its links answer “switched off”."""
    _said(switch_off, name, deployment)
    click.echo(f"{_which(name, deployment)} is switched off.")


@platform_group.command("enable")
@click.argument("name")
@click.option("--deployment", help="Only this deployment.")
def enable(name: str, deployment: str | None) -> None:
    """Switch an LMS on again; whoever was inside comes in anew."""
    _said(switch_on, name, deployment)
    click.echo(f"{_which(name, deployment)} is switched on.")


@platform_group.command("check")
@click.argument("name")
def check_command(name: str) -> None:
    """Try what an LMS and Foyer need of each other, and say what is wrong.

    Ends with 1 then.
    """
    try:
        check(name)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error


def _said(verb: Callable[[str, str | None], None], name: str, deployment: str | None) -> None:
    """Do it, and tell what goes wrong as a sentence."""
    try:
        verb(name, deployment)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error


def _which(name: str, deployment: str | None) -> str:
    return name if deployment is None else f"Deployment {deployment} of {name}"
