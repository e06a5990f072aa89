"""The browser between platform and tool, played with a Flask test client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from sandbox.forms import first_form

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse


def send(
    client: Client, address: str, fields: Mapping[str, str], method: str, origin: str
) -> TestResponse:
    """Send a form from a page of `origin` to the tool's `address`, in a frame."""
    to = urlsplit(address)
    tool = f"{to.scheme}://{to.netloc}"
    headers = {
        "Origin": origin,
        "Referer": f"{origin}/",
        "Sec-Fetch-Site": "same-origin" if origin == tool else "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    }
    if method == "GET":
        query = urlencode(fields)
        return client.get(to.path, query_string=query, base_url=tool, headers=headers)
    return client.post(to.path, data=dict(fields), base_url=tool, headers=headers)


def send_login(
    client: Client, address: str, fields: Mapping[str, str], method: str, origin: str
) -> TestResponse:
    """Send login fields to the tool.

    A tool that does not know the browser may answer with a page whose form comes back by itself,
    to see whether its cookie does: that form is sent too, once.
    """
    answer = send(client, address, fields, method, origin)
    form = first_form(answer.text) if answer.status_code == 200 else None
    if form is None:
        return answer
    shown = urlsplit(address)
    tool = f"{shown.scheme}://{shown.netloc}"
    return send(client, tool + (form.action or shown.path), form.fields, form.method, tool)
