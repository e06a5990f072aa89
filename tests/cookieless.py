"""A page inside an LMS whose browser keeps nothing for the tool, as its scripts work."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from factories import SAME_ORIGIN
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox.platform import FormPost, Platform

SCRIPT = {**SAME_ORIGIN, "Accept": "application/json"}
IN_FRAME = {**SAME_ORIGIN, "Sec-Fetch-Dest": "iframe"}
STORAGE = {"lti_storage_target": "_parent"}
DATA = re.compile(r' data-([a-z-]+)="([^"]*)"')


def data_of(html: str, mark: str) -> dict[str, str]:
    """The data attributes of the element that has the given one; empty where there is none."""
    found = re.search(rf"<[^>]* data-{mark}[ >][^>]*>?", html)
    return {name: unescape(value) for name, value in DATA.findall(found[0])} if found else {}


@dataclass
class Tab:
    """No cookie ever: what the LMS's page keeps, and the bearer of the page that is shown."""

    app: Flask
    stored: dict[str, str] = field(default_factory=dict)
    bearer: str = ""

    def __post_init__(self) -> None:
        self.client: FlaskClient = self.app.test_client(use_cookies=False)

    def begin(self, lms: Platform, user: str = "student-1", **more: Any) -> str:
        """The login: leaves its secret with the LMS's page; gives the platform's address."""
        page = lms.open_login(self.client, {**lms.login_params(user, **more), **STORAGE})
        asked = data_of(page.text, "leave-with-platform")
        assert asked, page.text
        self.stored[asked["key"]] = asked["secret"]
        return asked["next"]

    def recall(self, lms: Platform, form: FormPost, **changes: str) -> TestResponse:
        """The launch: gets the secret back, and sends it on."""
        page = lms.post(self.client, form)
        asked = data_of(page.text, "recall-from-platform")
        assert asked, page.text
        said = {
            "state": asked["state"],
            "id_token": asked["token"],
            "kept": self.stored.get(asked["key"], ""),
            **changes,
        }
        return self.client.post(asked["recalled"], json=said, headers=SCRIPT)

    def launch(self, lms: Platform, user: str = "student-1", **more: Any) -> TestResponse:
        """The whole of it, up to the first page."""
        answer = self.recall(lms, lms.answer(self.begin(lms, user, **more)))
        assert answer.status_code == 200, answer.text
        return self.open(answer.json["address"])

    def open(self, address: str) -> TestResponse:
        """Go to an address that has its ticket; its page, after what it sends on to."""
        answer = self.client.get(address, headers=IN_FRAME)
        while answer.status_code in (302, 303):
            answer = self.client.get(answer.location, headers=IN_FRAME)
        found = re.search(r'data-bearer="([^"]*)"', answer.text)
        self.bearer = unescape(found[1]) if found else ""
        return answer

    def api(self, method: str, path: str, **more: Any) -> TestResponse:
        """What a script of the page asks."""
        headers = {"Authorization": f"Bearer {self.bearer}", **SCRIPT}
        return self.client.open(path, method=method, headers=headers, **more)

    def ticket(self) -> str:
        answer = self.api("POST", "/api/v1/page-tickets")
        assert answer.status_code == 201, answer.text
        value: str = json.loads(answer.text)["ticket"]
        return value
