"""nginx and gunicorn on this machine, from the files in deploy/, on free ports and for one test."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[1]
SECONDS = 60


def nginx_program() -> str | None:
    """Where nginx is; Debian keeps it where an ordinary user's path does not look."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself; (certificate, key) as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / "fullchain.pem", folder / "privkey.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@dataclass
class Answer:
    """A response as sandbox.platform reads one."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    text: str

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")

    def json(self) -> Any:
        return json.loads(self.text)


class Browser:
    """A browser's cookies over real HTTP, with the methods of a Flask test client."""

    def __init__(self, stack: WebStack) -> None:
        self._stack = stack
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(stack.certificate)

    def get(self, path: str, **more: Any) -> Answer:
        return self.send("GET", path, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self.send("POST", path, **more)

    def send(
        self,
        method: str,
        path: str,
        *,
        query_string: str = "",
        base_url: str = "",
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        json: Any = None,
    ) -> Answer:
        address = (base_url or self._stack.address) + path
        if query_string:
            address += f"?{query_string}"
        got = self._session.request(
            method,
            address,
            headers={"Sec-Fetch-Site": "same-origin", **(headers or {})},
            data=data,
            json=json,
            allow_redirects=False,
            timeout=SECONDS,
        )
        return Answer(got.status_code, got.headers, got.content, got.text)


class WebStack:
    """`address` is https and goes through nginx; `plain` is its http side."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        https, plain = free_ports(2)
        self.address, self.plain = f"https://127.0.0.1:{https}", f"http://127.0.0.1:{plain}"
        self.socket = folder / "gunicorn.sock"
        self.certificate, key = make_certificate(folder)
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("FOYER_")},
            "FOYER_BASE_URL": self.address,
            "FOYER_DATABASE_URL": database_url,
            "FOYER_STORAGE_URL": (folder / "files").as_uri(),
            "FOYER_KEYS_DIR": str(folder / "keys"),
            "FOYER_CONFIG_DIR": str(folder / "config"),
            "FOYER_PROXY_HOPS": "1",
            "FOYER_ACCEL_LOCATION": "/_media",
            "FOYER_DEVELOPMENT": "1",  # the platform of the test is on http
        }
        self._render(https, plain, key)
        self._web: subprocess.Popen[bytes] | None = None
        self._nginx: subprocess.Popen[bytes] | None = None

    # nginx -----------------------------------------------------------------------------------

    def _render(self, https: int, plain: int, key: Path) -> None:
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        changes = {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
            "/etc/letsencrypt/live/foyer.example.edu/fullchain.pem": str(self.certificate),
            "/etc/letsencrypt/live/foyer.example.edu/privkey.pem": str(key),
            "https://foyer.example.edu$request_uri": f"{self.address}$request_uri",
            "server_name foyer.example.edu;": "server_name 127.0.0.1;",
            "/run/foyer/gunicorn.sock": str(self.socket),
            "/srv/foyer/": f"{ROOT}/",
            "/var/lib/foyer/files/": f"{self.folder}/files/",
            "/var/log/nginx/": f"{self.folder}/",
        }
        for shipped, here in changes.items():
            assert shipped in text, f"deploy/nginx.conf no longer says {shipped}"
            text = text.replace(shipped, here)
        (self.folder / "site.conf").write_text(text, encoding="utf-8")
        temporary = "".join(
            f"  {kind}_temp_path {self.folder}/nginx-{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""  # the folder of the test is ours alone
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\n"
            f"error_log {self.folder}/nginx.log;\nevents {{ worker_connections 256; }}\n"
            f"http {{\n{temporary}  include {self.folder}/site.conf;\n}}\n",
            encoding="utf-8",
        )

    def nginx_command(self, *more: str) -> list[str]:
        program = nginx_program()
        assert program is not None
        return [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), *more]

    def start_nginx(self) -> None:
        with (self.folder / "nginx-output.log").open("ab") as log:
            self._nginx = subprocess.Popen(self.nginx_command(), stdout=log, stderr=log)
        port = int(self.address.rsplit(":", 1)[1])
        wait_until(lambda: _listens(port), "nginx listens")

    # Foyer -----------------------------------------------------------------------------------

    def gunicorn(self, at: Path, **environment: str) -> subprocess.Popen[bytes]:
        """A gunicorn as the shipped file says, but for the place of its socket."""
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        with (self.folder / "gunicorn.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--bind", f"unix:{at}", "wsgi:app"],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        self._web = self.gunicorn(self.socket)
        wait_until(lambda: self._alive() and self._healthy(), "gunicorn answers")

    def ask_web_to_stop(self) -> None:
        """SIGTERM; back as soon as nobody new is let in."""
        assert self._web is not None
        self._web.send_signal(signal.SIGTERM)
        wait_until(lambda: not self.socket.exists(), "the socket is gone")

    def wait_for_web(self) -> int:
        """The exit status of gunicorn, once it has ended."""
        assert self._web is not None
        return self._web.wait(SECONDS)

    def kill_web(self) -> None:
        """As a crash would: nothing is put in order, the socket stays."""
        assert self._web is not None
        os.killpg(self._web.pid, signal.SIGKILL)
        self._web.wait(SECONDS)

    def stop(self) -> None:
        for process in (self._nginx, self._web):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(SECONDS)

    def direct(self) -> http.client.HTTPConnection:
        """A connection to gunicorn that nginx does not see."""
        return _UnixConnection(self.socket)

    def through_nginx(self) -> http.client.HTTPConnection:
        """A connection whose requests can be sent bit by bit."""
        return http.client.HTTPSConnection(
            self.address.removeprefix("https://"),
            timeout=SECONDS,
            context=ssl.create_default_context(cafile=str(self.certificate)),
        )

    def logs(self) -> str:
        """Everything that nginx, gunicorn and Foyer have written down."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def _alive(self) -> bool:
        assert self._web is not None
        assert self._web.poll() is None, self.logs()
        return True

    def _healthy(self) -> bool:
        try:
            connection = self.direct()
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds: Any, what: str) -> None:
    """Ask again and again until it holds; fails after a minute."""
    pause = threading.Event()
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        pause.wait(0.02)
