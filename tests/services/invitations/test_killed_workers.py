"""A process dies while somebody uses a link: nothing is burnt, and nothing is given twice."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from factories import TestClock
from flask import Flask
from invitation_scene import ADA, DeviceKey, Scene, hidden_fields
from killed_worker import AFTER_COMMIT, BEFORE_COMMIT, UNSENT
from several_processes import gunicorn
from sqlalchemy import func, select

from lti_tool.core.clock import system_clock
from lti_tool.core.db.session import db
from lti_tool.people.models import ToolSession

pytestmark = pytest.mark.slow


@pytest.fixture
def server(
    app: Flask, clock: TestClock, database_url: str, tmp_path: Path, keys_dir: Path
) -> Iterator[int]:
    clock.present = system_clock()
    with gunicorn("killed_worker:program()", database_url, tmp_path, keys_dir, processes=2) as port:
        yield port


@dataclass
class Phone:
    """A browser whose cookies are those of the answers that arrived."""

    port: int
    key: DeviceKey | None
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, killed: str = ""
    ) -> tuple[int, str, str] | None:
        """Status, address that it leads to, and body; None where no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"X-Killed": killed} if killed else {}),
        }
        try:
            connection.request(method, path, urlencode(form or {}), headers)
            answer = connection.getresponse()
            body = answer.read().decode()
        except (TimeoutError, http.client.RemoteDisconnected, ConnectionResetError):
            return None
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), body

    def use(self, path: str, killed: str = "") -> tuple[int, str, str] | None:
        """Open the link and send its form."""
        page = self.ask("GET", path)
        assert page is not None
        form = {"email": ADA}
        if self.key is not None and "challenge" in (hidden := hidden_fields(page[2])):
            form |= self.key.proof(hidden["challenge"])
        return self.ask("POST", path, form, killed)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_link_is_still_good_and_good_for_one(scene: Scene, server: int, script: bool) -> None:
    for deaths in ([BEFORE_COMMIT], [AFTER_COMMIT], [UNSENT], [UNSENT, BEFORE_COMMIT, UNSENT]):
        invitation = scene.invite()
        path = scene.path(invitation)
        phone = Phone(server, DeviceKey() if script else None)
        for when in deaths:
            assert phone.use(path, killed=when) is None, when
        answer = phone.use(path)
        assert answer is not None
        assert answer[0] == 303, deaths
        page = phone.ask("GET", answer[1])
        assert page is not None
        assert page[0] == 200
        stranger = Phone(server, None).use(path)
        assert stranger is not None
        assert stranger[0] == 403
        assert scene.fresh(invitation).uses_made == 1
        with scene.app.app_context():
            running = select(func.count()).select_from(ToolSession)
            assert (
                db.session.scalar(
                    running.where(ToolSession.kind == "guest", ToolSession.ended_at.is_(None))
                )
                == 1
            )
        scene.revoke(invitation)
