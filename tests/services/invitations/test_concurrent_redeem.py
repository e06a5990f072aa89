"""A hundred people press the button of one link in the same second."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode

import pytest
from factories import TestClock
from flask import Flask
from invitation_scene import Scene
from several_processes import gunicorn

from lti_tool.core.clock import system_clock
from lti_tool.core.ids import new_secret
from lti_tool.invitations.models import Invitation
from lti_tool.invitations.proof import COOKIE

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

PEOPLE = 100


@pytest.fixture
def server(
    app: Flask, clock: TestClock, database_url: str, tmp_path: Path, keys_dir: Path
) -> Iterator[int]:
    """The tool under gunicorn with four processes, on the test's own database and the real time."""
    clock.present = system_clock()
    with gunicorn("wsgi:app", database_url, tmp_path, keys_dir, processes=4) as port:
        yield port


def press(port: int, path: str, email: str, together: Barrier) -> tuple[int, str]:
    """Send the form from a browser that was never here before; status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    together.wait(timeout=60)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
        "Cookie": f"{COOKIE}={new_secret()}",
    }
    connection.request("POST", path, urlencode({"email": email}), headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def rush(scene: Scene, port: int, email: str) -> tuple[Counter[int], list[str], Invitation]:
    """Everybody at once: how often which status, what the refusals say, what is left."""
    invitation = scene.invite(email)
    path = scene.path(invitation)
    together = Barrier(PEOPLE)
    with ThreadPoolExecutor(PEOPLE) as people:
        answers = list(people.map(lambda _: press(port, path, email, together), range(PEOPLE)))
    refusals = [body for status, body in answers if status != 303]
    return Counter(status for status, _ in answers), refusals, scene.fresh(invitation)


def test_as_many_are_admitted_as_the_link_allows(scene: Scene, server: int) -> None:
    statuses, refusals, after = rush(scene, server, "one@partner.org")
    assert statuses == {303: 1, 403: PEOPLE - 1}
    assert all("belongs to another browser" in body for body in refusals)
    assert after.uses_made == 1
    assert Counter(scene.audit())["redeemed"] == 1
    assert len(scene.audit()) == 1 + PEOPLE

    scene.set(one_device=False)
    statuses, refusals, after = rush(scene, server, "two@partner.org")
    assert statuses == {303: 1, 410: PEOPLE - 1}
    assert all("has been used" in body for body in refusals)
    assert after.uses_made == 1

    scene.set(link_reusability=10)
    statuses, _, after = rush(scene, server, "three@partner.org")
    assert statuses == {303: 10, 410: PEOPLE - 10}
    assert after.uses_made == 10
