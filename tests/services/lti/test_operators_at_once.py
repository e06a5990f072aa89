"""Several operators give the same order in the same moment: one of them is obeyed, and the others
read why not.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from factories import START
from flask import Flask
from sqlalchemy import func, select

from lti_tool.core.db.session import db, transaction
from lti_tool.core.http import Policy
from lti_tool.lti import registrations
from lti_tool.lti.keys import ToolKeys
from lti_tool.lti.models import Registration
from lti_tool.lti.new_registration import NewRegistration, RegistrationError
from lti_tool.lti.registration import approval

pytestmark = pytest.mark.every_database

OPERATORS = 8
POLICY = Policy()
ELM = NewRegistration(
    name="elm",
    family="sakai",
    issuer="https://elm.example",
    client_id="client-1",
    auth_url="https://elm.example/auth",
    token_url="https://elm.example/token",
    jwks_url="https://elm.example/jwks",
    deployments=("1",),
)


def obeyed(app: Flask, order: Callable[[], object]) -> int:
    """How many operators' orders were carried out; the others were refused in a sentence."""
    together = Barrier(OPERATORS)

    def give(_number: int) -> bool:
        with app.app_context():
            db.session.execute(select(1))
            together.wait(timeout=60)
            try:
                order()
            except RegistrationError:
                return False
            return True

    with ThreadPoolExecutor(OPERATORS) as operators:
        return sum(operators.map(give, range(OPERATORS)))


def registered(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Registration)) or 0


def test_one_lms_added_by_several(app: Flask) -> None:
    assert obeyed(app, lambda: registrations.add(ELM, POLICY)) == 1
    assert registered(app) == 1


def test_one_file_loaded_by_several(app: Flask) -> None:
    assert obeyed(app, lambda: registrations.bring_up_to_date(ELM, POLICY)) >= 1
    assert registered(app) == 1


@pytest.mark.parametrize(("decide", "left"), [(approval.approve, 1), (approval.refuse, 0)])
def test_one_lms_decided_on_by_several(
    app: Flask, decide: Callable[[str], object], left: int
) -> None:
    with app.app_context(), transaction():
        registrations.insert(ELM, awaiting_approval=True)
    assert obeyed(app, lambda: decide("elm")) == 1
    assert registered(app) == left


def test_retired_keys_removed_by_several(tmp_path: Path) -> None:
    keys = ToolKeys(tmp_path)
    for number in range(300):
        moment = START + timedelta(seconds=number)
        (tmp_path / f"signing-{moment:%Y%m%dT%H%M%SZ}-k{number}.pem").touch()
    together = Barrier(OPERATORS)

    def remove(_number: int) -> None:
        together.wait(timeout=60)
        keys.remove_retired(START + timedelta(days=9))

    with ThreadPoolExecutor(OPERATORS) as operators:
        list(operators.map(remove, range(OPERATORS)))
    assert [key.id for key in keys.names()] == ["k299"]
