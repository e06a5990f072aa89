"""What the adapter relies on in the LTI library, on PyLTI1p3 and on pylti1p3next alike.

A method that is overridden but no longer called would silently leave a check out.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from typing import Any

import pytest
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.lti.launching import adapter

BASES = {
    adapter.FoyerLaunch: MessageLaunch,
    adapter._OnePlatform: ToolConfAbstract,
    adapter._NoStorage: SessionService,
    adapter._NoCookies: CookieService,
    adapter._Form: Request,
}
OUR_OWN = {"claims"}
STEPS = [
    "validate_state",
    "validate_jwt_format",
    "validate_nonce",
    "validate_registration",
    "validate_jwt_signature",
    "validate_deployment",
    "validate_message",
    "save_launch_data",
]
OVERRIDDEN = [
    pytest.param(ours, base, name, id=f"{ours.__name__}.{name}")
    for ours, base in BASES.items()
    for name, value in vars(ours).items()
    if inspect.isfunction(value) and not name.startswith("__") and name not in OUR_OWN
]


@pytest.mark.parametrize(("ours", "base", "name"), OVERRIDDEN)
def test_what_is_overridden_is_there_to_override(ours: type, base: type, name: str) -> None:
    theirs = getattr(base, name, None)
    assert theirs is not None, f"{base.__name__}.{name} is gone: what we put in its place is unused"
    if not callable(theirs):
        return
    wanted = [
        parameter
        for parameter in inspect.signature(theirs).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    inspect.signature(getattr(ours, name)).bind(*(None for _parameter in wanted))


def test_the_nine_overrides_that_close_a_check_are_among_them() -> None:
    names = {row.values[2] for row in OVERRIDDEN}
    assert names >= {
        "get_client_id",
        "validate_state",
        "validate_jwt_format",
        "validate_nonce",
        "validate_jwt_signature",
        "save_launch_data",
        "find_registration_by_params",
        "find_deployment_by_params",
        "check_iss_has_many_clients",
    }


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            MessageLaunch,
            ["_get_jwt_body", "_get_id_token", "set_jwt", "get_launch_data", "validate"],
        ),
        (Registration, ["set_issuer", "set_client_id"]),
        (Deployment, ["set_deployment_id"]),
    ],
)
def test_what_is_called_is_there(owner: type, names: list[str]) -> None:
    for name in names:
        assert callable(getattr(owner, name, None)), f"{owner.__name__}.{name} is gone"


class _Recorded(adapter.FoyerLaunch):
    """Says in which order the library goes through the checks."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name not in STEPS:
            return super().__getattribute__(name)

        def step() -> _Recorded:
            self.steps.append(name)
            return self

        return step


def test_the_library_goes_through_all_checks_in_this_order() -> None:
    launch = _Recorded()
    launch._restored = False
    launch.validate()
    assert launch.steps == STEPS


def test_it_is_the_library_that_is_meant() -> None:
    """The fork alone has dynamic registration; without this a wrong set-up would go unseen."""
    meant = os.environ.get("FOYER_LTI_LIBRARY", "PyLTI1p3")
    is_fork = importlib.util.find_spec("pylti1p3.dynamic_registration") is not None
    assert is_fork == (meant == "pylti1p3next")


def test_its_exceptions_have_the_common_ancestor_that_is_caught() -> None:
    assert issubclass(LtiException, Exception)
