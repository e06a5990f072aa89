"""Where nginx is missing these tests cannot run; then the summary says so, so that nobody
believes that deploy/ was tried.
"""

from __future__ import annotations

import pytest
from web_stack import nginx_program

collect_ignore = [] if nginx_program() else ["test_nginx_and_gunicorn.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if nginx_program() is None:
        terminalreporter.section("NOT TESTED: deploy/nginx.conf", sep="!", red=True, bold=True)
        terminalreporter.line(
            "nginx is not on this machine, so ranges by X-Accel, the logs and the shipped"
            " configuration were not tried. On Debian: apt-get install nginx-light"
        )
