"""What a WSGI server and the ``flask`` command load (``gunicorn wsgi:app``)."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from lti_tool import Config, create_app
from lti_tool.config import ConfigurationError
from lti_tool.core import commands


def for_help(fault: ConfigurationError) -> Flask:
    """Make an application that can say which commands there are; each of them tells the fault."""
    with TemporaryDirectory() as folder:
        nowhere = Path(folder)
        app = create_app(
            Config(
                database_url="sqlite://",
                storage_url=(nowhere / "files").as_uri(),
                config_dir=nowhere,
                keys_dir=nowhere / "keys",
                development=True,
            )
        )
    commands.refuse_all(app, str(fault))
    return app


try:
    app = create_app()
except ConfigurationError as error:
    if not commands.are_looked_up():
        print(error, file=sys.stderr)
        sys.exit(3)  # by this number gunicorn knows that trying again is of no use
    app = for_help(error)
