"""Invitations a second and core: generating a link, opening its page, redeeming it.

    .venv/bin/python bench/invitations.py [--rounds 5] [--invitations 150] [--brief]

Beside Foyer runs the least that an invitation can be (peers/bare: a signed id, one row, one
conditional UPDATE), on the same PostgreSQL, under the same gunicorn, on the same core. Foyer's
people are instructors who were launched; its guests are new browsers, each with the device cookie
that the opened page gave it and a device key that signs the page's challenge (made and signed while
the clock stands still).
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lab import browser, client, foyer, machine, postgres
from lab.browser import Visitor
from lab.client import Answer
from lab.figures import ratio, spread, table
from lab.lms import Lms, serving
from lab.options import Options
from lab.servers import Server, free_port, gunicorn, running

BARE = Path(__file__).parent / "peers" / "bare"
INSTRUCTORS = 20
"""One person may invite 120 times a minute; so many share the work."""
TITLE = "A picture of a lake"


@dataclass
class Figures:
    generated: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    redeemed: list[float] = field(default_factory=list)
    tool_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)


class Cpu:
    """Processor time since the last look, per invitation."""

    def __init__(self, server: Server, database: postgres.Database, figures: Figures) -> None:
        self.server, self.database, self.figures = server, database, figures
        self.before = self._now()

    def _now(self) -> tuple[float, float]:
        return self.server.cpu_seconds(), self.database.cpu_seconds()

    def note(self, count: int) -> None:
        after = self._now()
        self.figures.tool_ms.append((after[0] - self.before[0]) * 1000 / count)
        self.figures.database_ms.append((after[1] - self.before[1]) * 1000 / count)


def instructors(lms: Lms, port: int) -> list[Visitor]:
    """Every twentieth of a year's people teaches; a few years give enough of them."""
    found = []
    for place in range(INSTRUCTORS):
        lms.year = 1 + place // 10
        found.append(browser.launch(lms, port, (place % 10) * 20))
    return found


def foyer_round(
    port: int, teachers: list[Visitor], names: range, connections: int
) -> tuple[float, float, float]:
    """Seconds for generating, opening and redeeming one invitation for each name."""
    made, generating = client.run(
        port,
        [_invite(port, teachers[name % INSTRUCTORS], name) for name in names],
        connections,
        keep_body=True,
    )
    client.expect(made, lambda answer: answer.status == 201, "foyer: generate")
    paths = [urlsplit(json.loads(answer.body)["link"]).path for answer in made]
    newcomer = {"Accept": "text/html", "Sec-Fetch-Site": "none"}
    pages, opening = client.run(
        port, [client.get(path, port, newcomer) for path in paths], connections, keep_body=True
    )
    client.expect(pages, lambda answer: answer.status == 200, "foyer: open")
    guests = [Guest.of(page) for page in pages]
    sent = [
        client.post(path, port, guest.form(name), guest.headers())
        for path, guest, name in zip(paths, guests, names, strict=True)
    ]
    done, redeeming = client.run(port, sent, connections)
    client.expect(done, browser.arrived, "foyer: redeem")
    first = guests[0].cookies | done[0].cookies()
    browser.see(port, Visitor(done[0].header("location"), first), TITLE)
    return generating, opening, redeeming


@dataclass
class Guest:
    """A browser in which a link was opened: what the page gave it, and what its form holds."""

    cookies: dict[str, str]
    fields: dict[str, str]

    @classmethod
    def of(cls, page: Answer) -> Guest:
        fields = {
            match["name"]: html.unescape(match["value"] or "")
            for match in re.finditer(
                r'<input type="hidden" name="(?P<name>[^"]+)"(?: value="(?P<value>[^"]*)")?',
                page.body.decode(),
            )
        }
        return cls(page.cookies(), fields)

    def headers(self) -> dict[str, str]:
        says = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        return says | client.cookie_header(self.cookies)

    def form(self, name: int) -> dict[str, str]:
        """What the page's script sends: the address typed, and the device key's signature."""
        key = ec.generate_private_key(ec.SECP256R1())
        numbers = key.public_key().public_numbers()
        challenge = self.fields["challenge"].encode()
        r, s = decode_dss_signature(key.sign(challenge, ec.ECDSA(hashes.SHA256())))
        jwk = {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64url(numbers.x.to_bytes(32, "big")),
            "y": _base64url(numbers.y.to_bytes(32, "big")),
        }
        return {
            **self.fields,
            "email": f"guest{name}@elsewhere.example",
            "device_key": json.dumps(jwk),
            "device_signature": _base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big")),
        }


def _invite(port: int, teacher: Visitor, name: int) -> bytes:
    invitee = {
        "email": f"guest{name}@elsewhere.example",
        "first_name": "Guest",
        "last_name": f"Number {name}",
        "type": "viewer",
    }
    path = f"/api/v1/media/{teacher.media_id}/invitations?as={teacher.handle}"
    headers = teacher.headers("application/json")
    return client.post_json(path, port, json.dumps(invitee).encode(), headers)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bare_round(port: int, names: range, connections: int) -> tuple[float, float]:
    bodies = [json.dumps({"email": f"guest{name}@elsewhere.example"}).encode() for name in names]
    made, generating = client.run(
        port,
        [client.post_json("/invite", port, body, {}) for body in bodies],
        connections,
        keep_body=True,
    )
    client.expect(made, lambda answer: answer.status == 201, "bare: generate")
    done, redeeming = client.run(
        port,
        [
            client.post(
                json.loads(answer.body)["link"],
                port,
                {"email": f"guest{name}@elsewhere.example"},
                {},
            )
            for name, answer in zip(names, made, strict=True)
        ],
        connections,
    )
    client.expect(done, lambda answer: answer.status == 200, "bare: redeem")
    return generating, redeeming


@contextmanager
def bare(folder: Path, database: postgres.Database) -> Iterator[Server]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE invitation"
            " (id text PRIMARY KEY, email text NOT NULL, used_at timestamptz)"
        )
    port = free_port()
    environment = {"BARE_DATABASE": database.url}
    with running(gunicorn("app:app", port, folder), port, folder, environment, BARE) as server:
        yield server


def report(ours: Figures, theirs: Figures) -> str:
    def row(name: str, one: Figures) -> tuple[str, ...]:
        return (
            name,
            spread(one.generated),
            spread(one.opened) if one.opened else "–",
            spread(one.redeemed),
            spread(one.tool_ms, 2),
            spread(one.database_ms, 2),
        )

    head = (
        "median (least–most)",
        "generate /s",
        "open the page /s",
        "redeem /s",
        "tool CPU ms",
        "PostgreSQL CPU ms",
    )
    return "\n".join(
        (
            table([head, row("foyer", ours), row("bare", theirs)]),
            "(CPU: of one invitation from generating to redeemed)",
            "",
            "foyer : bare",
            f"  generate  {ratio(ours.generated, theirs.generated)}",
            f"  redeem    {ratio(ours.redeemed, theirs.redeemed)}",
        )
    )


def main() -> None:
    options = Options(__doc__)
    options.size("invitations", 150, 8, "in each round")
    options.size("connections", 8, 4)
    asked = options.read()
    if not postgres.is_here("everything in bench/invitations.py"):
        return
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    ours, theirs = Figures(), Figures()
    with ExitStack() as stack:

        def folder() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foyer-bench-")))

        lms = stack.enter_context(serving())
        database = stack.enter_context(postgres.database())
        tool = foyer.install(folder(), free_port(), database.url, lms)
        lms.media_id = tool.add_media(foyer.small_picture(tool.folder), TITLE)
        server = stack.enter_context(tool.serving())
        bare_database = stack.enter_context(postgres.database())
        peer = stack.enter_context(bare(folder(), bare_database))
        teachers = instructors(lms, server.port)
        print(machine.describe())
        print(postgres.durability())
        count = asked.invitations
        for turn in range(asked.rounds + 1):
            names = range(turn * count, (turn + 1) * count)
            cpu = Cpu(server, database, ours)
            generating, opening, redeeming = foyer_round(
                server.port, teachers, names, asked.connections
            )
            bare_cpu = Cpu(peer, bare_database, theirs)
            if turn:
                cpu.note(count)
                ours.generated.append(count / generating)
                ours.opened.append(count / opening)
                ours.redeemed.append(count / redeeming)
            generating, redeeming = bare_round(peer.port, names, asked.connections)
            if turn:
                bare_cpu.note(count)
                theirs.generated.append(count / generating)
                theirs.redeemed.append(count / redeeming)
            for one in (database, bare_database):
                one.settle(machine.LOAD_CORE)
        print()
        print(report(ours, theirs))


if __name__ == "__main__":
    main()
