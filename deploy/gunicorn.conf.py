"""How gunicorn serves Foyer: ``gunicorn --config deploy/gunicorn.conf.py wsgi:app``.

Every value can be changed without touching this file, by the variable GUNICORN_CMD_ARGS.
"""

import os

from gunicorn.http import errors, message
from gunicorn.workers.gthread import ThreadWorker

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">\
<meta name="viewport" content="width=device-width"><title>{title}</title>\
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem">\
<h1>{title}</h1><p>{detail}</p></body></html>"""
_SAYS = {
    414: (
        "URI Too Long",
        "This address is too long",
        "Your learning platform put more into it than can be read. Nothing is lost. Open the item "
        "from a course with a shorter address, or tell the administrator of your platform: its "
        "login should be sent as a form (POST).",
    ),
    431: (
        "Request Header Fields Too Large",
        "Your browser sent too much at once",
        "Remove the cookies of this address in your browser, then open the item from your course "
        "again.",
    ),
    500: (
        "Internal Server Error",
        "Something went wrong on our side",
        "Nothing you did is lost. Try again from your course or from your link.",
    ),
    400: (
        "Bad Request",
        "The request could not be understood",
        "Open the item again from your course or from your link.",
    ),
}


class FoyerWorker(ThreadWorker):
    """Answers in our words what never gets as far as Foyer.

    It logs only of which kind it was: gunicorn's own line quotes the address, with its secrets.
    """

    def handle_error(self, _req, client, _addr, exc):
        """Take the place of gunicorn's raw page and of its line in the log."""
        status = 400 if isinstance(exc, errors.ParseException) else 500
        status = {"LimitRequestLine": 414, "LimitRequestHeaders": 431}.get(
            type(exc).__name__, status
        )
        self.log.warning("request not read: %s (answered with %d)", type(exc).__name__, status)
        reason, title, detail = _SAYS[status]
        page = _PAGE.format(title=title, detail=detail).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            "Content-Type: text/html; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
            f"Content-Length: {len(page)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + page)
        except OSError:
            self.log.debug("nobody reads the answer any more")


bind = "unix:/run/foyer/gunicorn.sock"

# Threads, because a request waits for the database, for a platform's keys or for an upload. Each
# worker keeps up to 32 database connections, so PostgreSQL must allow workers x 32 and a few more.
worker_class = FoyerWorker
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 16

# One LMS puts a whole encoded address into login_hint: the request line grows to thousands of
# characters. gunicorn takes 8190 at most, or any number (0), which anybody could fill the memory
# with; so its most is moved to what nginx passes on (large_client_header_buffers).
message.MAX_REQUEST_LINE = 32_768
limit_request_line = 32_767

# Sixty embedded items on a page that opens for the first time are sixty sessions, each with a
# cookie.
limit_request_field_size = 16380

# A stopped worker finishes what it is doing; a worker that hangs is replaced.
graceful_timeout = 30
timeout = 60

# The heartbeat of the workers is a file; on a slow disk it would stop them for nothing.
_memory = "/dev/shm"  # noqa: S108 – gunicorn makes its own file there
worker_tmp_dir = _memory if os.path.isdir(_memory) else None

# No proxy tells a part of the address (SCRIPT_NAME); what a browser says of it, some pass on.
forwarder_headers = ""

# Foyer writes one line a request itself, without secrets; gunicorn's would hold whole addresses.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Nothing of ours uses it, and its usual place is a home folder that the service does not have.
control_socket_disable = True
