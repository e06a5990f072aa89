"""``flask invitations …``: what an operator lets run by itself."""

from __future__ import annotations

import click
from flask import Blueprint

from lti_tool.invitations.retention import forget

commands = Blueprint("invitation_commands", __name__, cli_group="invitations")
commands.cli.help = "The invitations, and how long they are kept."


@commands.cli.command("forget")
def forget_command() -> None:
    """Delete invitations that ended thirteen months ago.

    Let it run once a day.
    """
    click.echo(f"Forgot {forget()} invitations.")
