"""How gunicorn serves Foyer: ``gunicorn --config deploy/gunicorn.conf.py wsgi:app``.

Every value can be changed without touching this file, by the variable GUNICORN_CMD_ARGS.
"""

import os

bind = "unix:/run/foyer/gunicorn.sock"

# Threads, because a request waits for the database, for a platform's keys or for an upload. Each
# worker keeps up to 32 database connections, so PostgreSQL must allow workers x 32 and a few more.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 16

# One LMS puts a whole encoded address into login_hint: the request line grows to thousands of
# characters. 8190 is the most that gunicorn takes.
limit_request_line = 8190

# Sixty embedded items on a page that opens for the first time are sixty sessions, each with a
# cookie.
limit_request_field_size = 16380

# A stopped worker finishes what it is doing; a worker that hangs is replaced.
graceful_timeout = 30
timeout = 60

# The heartbeat of the workers is a file; on a slow disk it would stop them for nothing.
_memory = "/dev/shm"  # noqa: S108 – gunicorn makes its own file there
worker_tmp_dir = _memory if os.path.isdir(_memory) else None

# Foyer writes one line a request itself, without secrets; gunicorn's would hold whole addresses.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Nothing of ours uses it, and its usual place is a home folder that the service does not have.
control_socket_disable = True
