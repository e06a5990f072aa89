"""The certification's checklist of a tool's services (guide 1.3, §6.2 to §6.4), so far.

Nothing is remembered for it: it looks at the calls that came in and the answers to dialogs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.services import grades, rosters, scopes
from sandbox.services.call_log import Call
from sandbox.services.dialogs import Returned


@dataclass(frozen=True)
class Check:
    """One line of the list; `passed` is None as long as nothing was seen that tells."""

    section: str
    name: str
    passed: bool | None
    seen: str = ""


def checklist(calls: Sequence[Call], returned: Sequence[Returned]) -> list[Check]:
    """Every line, in the order of the guide."""
    return [
        *_dialogs(returned[-1] if returned else None),
        *_rosters([call for call in calls if call.service == "memberships"]),
        *_grades(calls),
    ]


def _dialogs(last: Returned | None) -> Iterator[Check]:
    lines = {
        "Receive the response payload": (),
        "Signature valid": ("signature",),
        "Response timestamps valid": ("exp", "iat", "expired"),
        "Required claims verified": (
            *("iss", "aud", "nonce", "message_type", "version", "deployment_id", "data"),
        ),
        "Response format valid": ("items", "types", "multiple", "custom", "null", "url"),
    }
    for name, about in lines.items():
        if last is None:
            yield Check("6.2 Deep linking", name, None)
            continue
        wrong = [one for one in last.breaches if one in about]
        unread = "signature" in last.breaches and name != "Receive the response payload"
        yield Check("6.2 Deep linking", name, not wrong and not unread, last.refusal)


def _rosters(calls: Sequence[Call]) -> Iterator[Check]:
    section = "6.3 Names and roles"
    if not calls:
        for name in ("Received request", "JSON header", "Bearer token", "Bearer scope"):
            yield Check(section, name, None)
        return
    last = calls[-1]
    yield Check(section, "Received request", True, last.url)
    yield Check(section, "JSON header", rosters.MEDIA_TYPE in last.accept, last.accept)
    yield Check(section, "Bearer token", bool(last.client_id), last.client_id)
    yield Check(section, "Bearer scope", scopes.MEMBERSHIPS in last.scopes, _short(last))


def _grades(calls: Sequence[Call]) -> Iterator[Check]:
    section = "6.4 Assignments and grades"
    wanted = (
        ("Line item made", "lineitems", "POST", grades.LINEITEM, {scopes.LINEITEM}),
        ("Score sent", "scores", "POST", grades.SCORE, {scopes.SCORE}),
        ("Result read", "results", "GET", grades.RESULTS, {scopes.RESULT_READ}),
    )
    for name, service, method, media_type, needed in wanted:
        made = [call for call in calls if (call.service, call.method) == (service, method)]
        if not made:
            yield Check(section, name, None)
            continue
        last = made[-1]
        said = last.content_type if method == "POST" else last.accept
        right = last.status < 300 and media_type in said and needed <= last.scopes
        yield Check(section, name, right, f"{last.status} · {said} · {_short(last)}")


def _short(call: Call) -> str:
    return ", ".join(sorted(scope.rpartition("/")[2] for scope in call.scopes))
