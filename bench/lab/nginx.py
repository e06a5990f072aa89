"""A private nginx in front of a Foyer, for X-Accel-Redirect, as deploy/nginx.conf has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.options import left_out
from lab.servers import Server, free_port, running

LOCATION = "/_media"

_CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    sendfile_max_chunk 1m;
    tcp_nopush on;
    keepalive_requests 100000;
    gzip on;
    gzip_proxied any;
    gzip_comp_level 5;
    gzip_min_length 1024;
    gzip_types text/css text/javascript application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream foyer {{ server 127.0.0.1:{upstream}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        location / {{ proxy_pass http://foyer; }}
        location {location}/ {{ internal; alias {media}/; etag on; }}
    }}
}}
"""


def binary() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def is_here(for_what: str) -> bool:
    """Whether nginx is installed; says what is left out without it."""
    if binary() is None:
        left_out(for_what, "nginx is not installed")
        return False
    return True


@contextmanager
def before(upstream: int, media: Path, folder: Path) -> Iterator[Server]:
    """Nginx on the servers' core, handing requests to the port ``upstream``."""
    port = free_port()
    user = "user root;" if Path("/proc/self").owner() == "root" else ""
    text = _CONFIGURATION.format(
        user=user, folder=folder, upstream=upstream, port=port, media=media, location=LOCATION
    )
    path = folder / "nginx.conf"
    path.write_text(text)
    with running([str(binary()), "-c", str(path), "-p", str(folder)], port, folder) as server:
        yield server
