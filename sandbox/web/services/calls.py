"""What every call of a service has in common: it is logged, and may fail on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, make_response, request
from flask.typing import ResponseReturnValue

from sandbox.services.call_log import Call
from sandbox.web.current import current_platform

View = Callable[..., ResponseReturnValue]


def service(name: str) -> Callable[[View], View]:
    """Decorate the view of a service."""

    def decorated(view: View) -> View:
        @wraps(view)
        def called(**values: Any) -> ResponseReturnValue:
            faults = current_platform().services.faults
            fault = faults.next(name)
            if fault is not None and fault.is_refusal:
                answer = fault.refusal()
            else:
                answer = make_response(view(**values))
                if fault is not None:
                    answer = faults.spoil(fault, answer, request.url)
            client_id, scopes = g.get("bearer", ("", frozenset()))
            current_platform().services.calls.append(
                Call(
                    service=name,
                    method=request.method,
                    url=request.url,
                    accept=request.headers.get("Accept", ""),
                    content_type=request.headers.get("Content-Type", ""),
                    client_id=client_id,
                    scopes=scopes,
                    status=answer.status_code,
                )
            )
            return answer

        return called

    return decorated
