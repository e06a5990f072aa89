"""``flask platform code``, ``approve`` and ``refuse``: LMSs that register themselves."""

from __future__ import annotations

import sys
from datetime import timedelta

import click
from flask.cli import AppGroup, with_appcontext

from lti_tool.core.web.urls import external_url
from lti_tool.lti import registrations
from lti_tool.lti.new_registration import RegistrationError
from lti_tool.lti.registration import approval, codes
from lti_tool.lti.registration.approval_queue import asked_hosts
from lti_tool.lti.registration.display_names import portrait


@click.command("code")
@with_appcontext
@click.option("--institution", default="", help="The name that people of a new LMS will see.")
@click.option("--again", "again", default="", help="The name of an LMS that is to register anew.")
@click.option("--days", default=14, type=click.IntRange(1, 365), show_default=True)
def code(institution: str, again: str, days: int) -> None:
    """Make an activation code, with which one LMS can register itself once."""
    if bool(institution.strip()) == bool(again):
        raise click.UsageError("give either --institution (a new LMS) or --again (a known one)")
    life = timedelta(days=days)
    try:
        made = codes.issue_again(again, life) if again else codes.issue(institution, life)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    for name in codes.registered_as(institution):
        click.echo(f"{institution} is registered already, as {name}; this code is for one more.")
        click.echo(f"To renew that one instead: platform code --again {name}")
    click.echo(f"Activation code: {made}")
    click.echo(f"It can be used once, for {days} days, and is not shown again.")
    click.echo(f"Address to enter in the LMS: {external_url('/lti/register')}")


@click.command("approve")
@with_appcontext
@click.argument("name")
@click.option("--institution", default="", help="The name that people see, if another.")
@click.option("--yes", is_flag=True, help="Do not ask: `platform show NAME` was looked at.")
def approve(name: str, institution: str, yes: bool) -> None:
    """Let an LMS in that registered itself without a code, after showing its hosts and asking."""
    try:
        if not yes:
            _ask_about(name)
        row = approval.approve(name, institution)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{row.name} is approved.")


def _ask_about(name: str) -> None:
    row = registrations.by_name(name)
    for line in portrait(asked_hosts([row.id]).get(row.id), row):
        click.echo(line)
    if not sys.stdin.isatty():
        raise click.ClickException(
            f"there is no terminal to ask at; if these hosts are right: platform approve {name} "
            "--yes"
        )
    click.confirm("Are these the hosts of the LMS that you know? Let it in?", abort=True)


@click.command("refuse")
@with_appcontext
@click.argument("name")
def refuse(name: str) -> None:
    """Forget an LMS that waits for approval."""
    try:
        approval.refuse(name)
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} is forgotten.")


def install(group: AppGroup) -> None:
    for command in (code, approve, refuse):
        group.add_command(command)
