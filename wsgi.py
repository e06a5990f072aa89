"""What a WSGI server and the ``flask`` command load (``gunicorn wsgi:app``)."""

from __future__ import annotations

import sys

from lti_tool import create_app
from lti_tool.config import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    print(error, file=sys.stderr)
    sys.exit(3)  # by this number gunicorn knows that trying again is of no use
