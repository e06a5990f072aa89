"""Suggestions while somebody types, in a course of 20,000 people: how long each key waits.

    .venv/bin/python bench/type_ahead.py [--rounds 5] [--people 20000] [--keys 200] [--brief]

The whole request is measured: session, rights, roster, earlier invitees. The list is read from an
LMS as it is in use, a page at a time in the background. Names, turned names and addresses are typed
one character after the other, each asked for; “hard” is what only a look at everybody can refuse.
Beside Foyer runs a plain LIKE search over the same people (peers/like: no session, no rights), on
the same database under the same gunicorn, on the same core; first on PostgreSQL, then on SQLite. A
ratio below 1 is in our favour; the design allows 50 ms for all but one key in twenty.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

import psycopg
from lab import browser, client, foyer, machine, postgres
from lab.browser import Visitor
from lab.client import Answer
from lab.figures import ratio, spread, table
from lab.lms import PEOPLE, Lms, serving
from lab.options import Options
from lab.servers import Server, free_port, gunicorn, running

from sandbox.services.roster_store import made_up

LIKE = Path(__file__).parent / "peers" / "like"
AT_MOST_MS = 50
INSTRUCTORS = range(0, PEOPLE, 20)
"""All of one course; each may ask 300 times a minute, so they share the keys."""
LONGEST = 12
HARD = ["me zz", "ad zz", "member zz", "zz", "in ga"]

Person = tuple[str, str, str]
"""Given name, family name, address."""


@dataclass
class Side:
    """Foyer or its peer: where it is asked, and what its answers cost."""

    name: str
    server: Server
    database: postgres.Database | None

    def cpu_seconds(self) -> float:
        database = self.database.cpu_seconds() if self.database else 0.0
        return self.server.cpu_seconds() + database


@dataclass
class Waits:
    """A figure for each round, in ms: how long half of the keys waited, 19 of 20, and the worst
    one; and the processor time of a key, with the database's.
    """

    half: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def note(
        self, side: Side, asked: list[bytes], right: Callable[[Answer], bool], keep: bool
    ) -> None:
        before = side.cpu_seconds()
        answers, _seconds = client.run(side.server.port, asked, connections=1, keep_body=True)
        spent = side.cpu_seconds() - before
        client.expect(answers, right, side.name)
        if not keep:
            return
        each = [answer.seconds * 1000 for answer in answers]
        shares = quantiles(each, n=20, method="inclusive")
        self.half.append(shares[9])
        self.most.append(shares[18])
        self.worst.append(max(each))
        self.cpu.append(spent * 1000 / len(asked))

    def row(self, name: str) -> tuple[str, ...]:
        return (name, *(spread(one, 1) for one in (self.half, self.most, self.worst, self.cpu)))


def answered(answer: Answer) -> bool:
    return answer.status == 200


def somebody_found(answer: Answer) -> bool:
    """What is usually typed is the beginning of a name or an address that somebody has."""
    return answered(answer) and bool(json.loads(answer.body)["suggestions"])


def crowd(count: int) -> list[Person]:
    people = [made_up(number, "school.example") for number in range(count)]
    return [(one.given_name, one.family_name, one.email) for one in people]


def as_members(people: list[Person]) -> list[dict[str, object]]:
    return [
        {
            "user_id": f"member-{number}",
            "name": f"{given} {family}",
            "given_name": given,
            "family_name": family,
            "email": email,
            "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
        }
        for number, (given, family, email) in enumerate(people)
    ]


def typed(people: list[Person], count: int, seed: int) -> list[str]:
    """What stands in the field after each key, from the second one on."""
    chance = random.Random(seed)
    keys: list[str] = []
    while len(keys) < count:
        given, family, email = chance.choice(people)
        text = chance.choice((f"{given} {family}", f"{family} {given}", email))
        keys += [text[:end] for end in range(2, min(len(text), LONGEST) + 1)]
    return keys[:count]


def read_roster(port: int, teacher: Visitor) -> float:
    """Seconds from opening the window until the whole list is known."""
    began = time.perf_counter()
    while time.perf_counter() - began < 300:
        told = json.loads(client.one(port, _ask(port, teacher, "")).body)["roster"]
        if told != "reading":
            break
        time.sleep(0.5)
    if told != "ready":
        raise SystemExit(f"the roster is {told}")
    return time.perf_counter() - began


def _ask(port: int, teacher: Visitor, text: str) -> bytes:
    path = f"/api/v1/media/{teacher.media_id}/invitees?as={teacher.handle}&q={quote(text)}"
    return client.get(path, port, teacher.headers("application/json"))


@contextmanager
def like(folder: Path, database_url: str, people: list[Person]) -> Iterator[Server]:
    rows = [(f"{given} {family}", email) for given, family, email in people]
    create = "CREATE TABLE person (name text NOT NULL, email text NOT NULL)"
    if database_url.startswith("sqlite:///"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as local:
            local.execute(create)
            local.executemany("INSERT INTO person VALUES (?, ?)", rows)
    else:
        with psycopg.connect(database_url) as server, server.cursor() as cursor:
            cursor.execute(create)
            cursor.executemany("INSERT INTO person VALUES (%s, %s)", rows)
    port = free_port()
    environment = {"LIKE_DATABASE": database_url}
    with running(gunicorn("app:app", port, folder), port, folder, environment, LIKE) as server:
        yield server


def report(figures: dict[str, tuple[Waits, Waits]]) -> str:
    rows = [("ms a key waits, median (least–most)", "half", "19 of 20", "the worst", "CPU ms")]
    for how, pair in figures.items():
        rows += [
            waits.row(f"{name}, {how}") for name, waits in zip(("foyer", "like"), pair, strict=True)
        ]
    lines = [table(rows), "", "foyer : like, of what 19 of 20 wait, and CPU"]
    for how, (ours, theirs) in figures.items():
        lines.append(f"  {how}  {ratio(ours.most, theirs.most)}, {ratio(ours.cpu, theirs.cpu)}")
    return "\n".join(lines)


def measure(
    people: list[Person],
    sides: tuple[Side, Side],
    teachers: list[Visitor],
    asked: argparse.Namespace,
) -> str:
    figures = {how: (Waits(), Waits()) for how in ("usual", "hard")}
    port, peer = (side.server.port for side in sides)
    hard = HARD if asked.brief else HARD * 4
    for turn in range(asked.rounds + 1):
        for how, pair in figures.items():
            keys = typed(people, asked.keys, seed=turn) if how == "usual" else hard
            ours = [_ask(port, teachers[at % len(teachers)], text) for at, text in enumerate(keys)]
            theirs = [client.get(f"/people?q={quote(text)}", peer) for text in keys]
            right = somebody_found if how == "usual" else answered
            pair[0].note(sides[0], ours, right, keep=turn > 0)
            pair[1].note(sides[1], theirs, answered, keep=turn > 0)
        for side in sides:
            if side.database:
                side.database.settle(machine.LOAD_CORE)
    usual = figures["usual"][0].most
    return (
        f"{report(figures)}\nThe design allows {AT_MOST_MS} ms for 19 of 20 usual keys;"
        f" measured : at most {ratio(usual, [AT_MOST_MS] * len(usual))}"
    )


def on(kind: str, people: list[Person], lms: Lms, folder: Path, asked: argparse.Namespace) -> str:
    """All figures on one kind of database."""
    with ExitStack() as stack:
        mine, other = (
            stack.enter_context(postgres.database()) if kind == "PostgreSQL" else None
            for _ in range(2)
        )
        url = mine.url if mine else f"sqlite:///{folder}/foyer.sqlite"
        tool = foyer.install(folder, free_port(), url, lms)
        lms.media_id = tool.add_media(foyer.small_picture(folder), "A picture")
        ours = Side("foyer", stack.enter_context(tool.serving()), mine)
        url = other.url if other else f"sqlite:///{folder}/like.sqlite"
        theirs = Side("like", stack.enter_context(like(folder, url, people)), other)
        port = ours.server.port
        some = INSTRUCTORS[:2] if asked.brief else INSTRUCTORS
        teachers = [browser.launch(lms, port, number) for number in some]
        seconds = read_roster(port, teachers[0])
        figures = measure(people, (ours, theirs), teachers, asked)
    return f"\n{kind}: the list of {len(people)} was read in {seconds:.0f} s\n{figures}"


def main() -> None:
    options = Options(__doc__, ("postgresql", "sqlite"))
    options.size("people", 20_000, 1200, "in the course; a page of the list holds 1000")
    options.size("keys", 200, 12, "in each round")
    asked = options.read()
    server = "postgresql" in asked.only and postgres.is_here("type-ahead on PostgreSQL")
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    people = crowd(asked.people)
    print(machine.describe())
    if server:
        print(postgres.durability())
    kinds = ["PostgreSQL"] * server + ["SQLite"] * ("sqlite" in asked.only)
    for kind in kinds:
        with (
            tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder,
            serving() as lms,
        ):
            lms.roster = as_members(people)
            print(on(kind, people, lms, Path(folder), asked), flush=True)


if __name__ == "__main__":
    main()
