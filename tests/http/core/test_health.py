"""What whoever watches reads at /readyz."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from lti_tool import create_app


@pytest.mark.parametrize(
    ("hops", "passed", "note"),
    [
        (0, None, None),
        (1, None, None),
        (1, "192.0.2.7", None),
        (2, "192.0.2.7, 198.51.100.1", None),
        (0, "192.0.2.7", "1, but proxy_hops is 0"),
        (1, "192.0.2.7, 198.51.100.1", "2, but proxy_hops is 1"),
        (2, "192.0.2.7", "1, but proxy_hops is 2"),
    ],
)
def test_a_wrong_number_of_proxies_is_told(
    app: Flask, hops: int, passed: str | None, note: str | None
) -> None:
    process = create_app(replace(app.extensions["foyer.config"], proxy_hops=hops))
    headers = {"X-Forwarded-For": passed} if passed else {}
    answer = process.test_client().get("/readyz", headers=headers)

    told = [one for one in answer.get_json().get("notes", []) if "X-Forwarded-For" in one]
    assert told == ([f"addresses in X-Forwarded-For: {note}"] if note else [])
