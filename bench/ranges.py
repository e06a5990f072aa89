"""Range requests a second: 512 KB out of a large file, at places all over it.

    .venv/bin/python bench/ranges.py [--rounds 5] [--requests 200] [--megabytes 400] [--brief]

Foyer under gunicorn as it is; Foyer behind nginx, which sends the bytes (X-Accel-Redirect), on the
same core; and Flask's send_file under the same gunicorn, which looks at no session and is asked far
fewer times because it reads each file from its beginning. The file is in the page cache. The first
range that each sends is compared with the file.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from lab import browser, client, foyer, machine, nginx, postgres
from lab.figures import ratio, spread, table
from lab.lms import Lms, serving
from lab.options import Options
from lab.servers import free_port, gunicorn, running

STOCK = Path(__file__).parent / "peers" / "stock"
RANGE = 512 * 1024


@dataclass
class Contender:
    name: str
    port: int
    path: str
    share: float = 1.0
    """Of the requests of a round; the slow one does fewer."""
    rates: list[float] = field(default_factory=list)


def grow(tool: foyer.Tool, database: postgres.Database, media_id: str, size: int) -> Path:
    """Let the item's stored file be large: what is served are bytes, whatever they mean."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        row = connection.execute(
            "UPDATE media_file SET size = %s WHERE media_id = %s AND role = 'original'"
            " RETURNING storage_key",
            (size, media_id),
        ).fetchone()
    assert row is not None
    path = next((tool.folder / "files").rglob(row[0]))
    block = random.Random(1).randbytes((1 << 20) - 4)
    with path.open("wb") as out:
        for number in range(size >> 20):
            out.write(number.to_bytes(4, "big") + block)
    return path


def address(port: int, lms: Lms, media_id: str) -> str:
    """The signed address of the item's file, for a student who was launched."""
    student = browser.launch(lms, port, 1)
    path = f"/api/v1/media/{media_id}/files?as={student.handle}"
    answer = client.one(port, client.get(path, port, student.headers("application/json")))
    return str(json.loads(answer.body)["original"])


def do_round(one: Contender, size: int, count: int, connections: int, seed: int) -> float:
    places = random.Random(seed)
    requests = []
    for _ in range(count):
        start = places.randrange(0, size - RANGE)
        wanted = {"Range": f"bytes={start}-{start + RANGE - 1}", "Sec-Fetch-Site": "same-origin"}
        requests.append(client.get(one.path, one.port, wanted))
    answers, seconds = client.run(one.port, requests, connections)
    client.expect(
        answers,
        lambda answer: answer.status == 206 and answer.header("content-length") == str(RANGE),
        one.name,
    )
    return count / seconds


def compare(one: Contender, file: Path, size: int) -> None:
    """One range, byte by byte, across the border of two of the blocks (each has its number)."""
    start = (size >> 21 << 20) - RANGE // 3
    wanted = {"Range": f"bytes={start}-{start + RANGE - 1}", "Sec-Fetch-Site": "same-origin"}
    answer = client.one(one.port, client.get(one.path, one.port, wanted))
    with file.open("rb") as stored:
        stored.seek(start)
        right = answer.status == 206 and answer.body == stored.read(RANGE)
    client.expect([answer], lambda _answer: right, f"{one.name}: bytes")


def main() -> None:
    parts = ("nginx", "gunicorn", "send-file")
    options = Options(__doc__, parts)
    options.size("requests", 200, 8, "in each round")
    options.size("megabytes", 400, 16, "of the file, two at least")
    options.size("connections", 4, 2)
    asked = options.read()
    if not postgres.is_here("everything in bench/ranges.py"):
        return
    if "nginx" in asked.only and not nginx.is_here("ranges that nginx sends"):
        asked.only.remove("nginx")
    os.sched_setaffinity(0, {machine.LOAD_CORE})
    size = asked.megabytes << 20
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foyer-bench-")))
        lms = stack.enter_context(serving())
        database = stack.enter_context(postgres.database())
        tool = foyer.install(folder, free_port(), database.url, lms)
        lms.media_id = tool.add_media(foyer.small_picture(folder), "A large file")
        file = grow(tool, database, lms.media_id, size)
        plain = stack.enter_context(tool.serving())
        path = address(plain.port, lms, lms.media_id)
        contenders = []
        if "nginx" in asked.only:
            behind = foyer.Tool(
                folder,
                free_port(),
                {**tool.environment, "FOYER_ACCEL_LOCATION": nginx.LOCATION},
            )
            upstream = stack.enter_context(behind.serving())
            front = stack.enter_context(
                nginx.before(upstream.port, folder / "files" / "media", folder)
            )
            contenders.append(Contender("foyer, X-Accel by nginx", front.port, path))
        if "gunicorn" in asked.only:
            contenders.append(Contender("foyer, gunicorn alone", plain.port, path))
        ours = list(contenders)
        if "send-file" in asked.only:
            port = free_port()
            command = gunicorn("files:app", port, folder)
            stack.enter_context(running(command, port, folder, {"STOCK_FILE": str(file)}, STOCK))
            contenders.append(Contender("Flask send_file, gunicorn", port, "/file", share=0.1))
        for one in contenders:
            compare(one, file, size)
        print(machine.describe())
        print(f"{RANGE // 1024} KiB ranges of a {asked.megabytes} MiB file in the page cache")
        for turn in range(asked.rounds + 1):
            for one in contenders:
                count = min(asked.requests, max(8, int(asked.requests * one.share)))
                rate = do_round(one, size, count, asked.connections, turn)
                if turn:
                    one.rates.append(rate)
        print()
        rows = [("median (least–most)", "ranges /s", "MB/s")]
        for one in contenders:
            speeds = [rate * RANGE / 1e6 for rate in one.rates]
            rows.append((one.name, spread(one.rates), spread(speeds)))
        print(table(rows))
        print()
        for peer in contenders[len(ours) :]:
            for one in ours:
                print(f"{one.name} : {peer.name}  {ratio(one.rates, peer.rates)}")


if __name__ == "__main__":
    main()
