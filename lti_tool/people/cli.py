"""`flask people …`: what an operator lets run by itself."""

from __future__ import annotations

import click
from flask import Blueprint

from lti_tool.people.forgetting import forget

commands = Blueprint("people_commands", __name__, cli_group="people")


@commands.cli.command("forget")
def forget_command() -> None:
    """Remove sessions that ended over 30 days ago. Let it run once a day, after the others."""
    click.echo(f"Removed {forget()} sessions.")
