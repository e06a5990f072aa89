"""Many LMSs register with one code in the same moment: one of them does."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier

import pytest
from factories import TestClock
from flask import Flask
from registering_lms import RegisteringLms, registering_lms
from sqlalchemy import func, select

from lti_tool.core.db.session import db, transaction
from lti_tool.core.http import HttpClient, Policy
from lti_tool.lti.models import Registration, RegistrationCode
from lti_tool.lti.registration import codes
from lti_tool.lti.registration.dynamic import Registrar

pytestmark = pytest.mark.every_database

LMSS = 8


def test_one_code_lets_one_lms_in(app: Flask) -> None:
    with app.app_context():
        code = codes.issue("Elm School", timedelta(days=1))
    registrar = Registrar(HttpClient(Policy(development=True)))
    app.extensions["foyer.registrar"] = registrar
    together = Barrier(LMSS)
    with ExitStack() as running:
        lmss = [
            running.enter_context(registering_lms("moodle", f"client-{number}"))
            for number in range(LMSS)
        ]

        def press(lms: RegisteringLms) -> int:
            together.wait(timeout=60)
            return lms.press(app.test_client(), code).status_code

        with ThreadPoolExecutor(LMSS) as people:
            statuses = Counter(people.map(press, lmss))
        taken_in = [lms for lms in lmss if lms.requests]
    assert statuses[200] == 1
    assert statuses[200] + statuses[422] + statuses[503] == LMSS
    assert len(taken_in) == 1, "only the winner asked its LMS"
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert row.enabled
        spent = db.session.scalars(select(RegistrationCode)).one()
        assert spent.registration_id == row.id
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_one_claim_wins(app: Flask) -> None:
    with app.app_context():
        code = codes.issue("Elm School", timedelta(days=1))
    together = Barrier(LMSS)

    def claim(_number: int) -> bool:
        with app.app_context():
            together.wait(timeout=60)
            try:
                codes.claim(code)
            except codes.WrongCode:
                return False
            return True

    with ThreadPoolExecutor(LMSS) as people:
        assert Counter(people.map(claim, range(LMSS))) == {True: 1, False: LMSS - 1}


def test_one_lms_that_registers_twice_at_once_is_one(app: Flask) -> None:
    app.extensions["foyer.registrar"] = Registrar(HttpClient(Policy(development=True)))
    together = Barrier(LMSS)
    with registering_lms() as lms:

        def press(_number: int) -> int:
            together.wait(timeout=60)
            return lms.press(app.test_client()).status_code

        with ThreadPoolExecutor(LMSS) as people:
            statuses = Counter(people.map(press, range(LMSS)))
    assert statuses[200] >= 1
    assert statuses[200] + statuses[409] + statuses[503] == LMSS
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_crash_in_the_middle_burns_no_code(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        code = codes.issue("Elm School", timedelta(days=1))
        abandoned = codes.claim(code)  # and its process dies
        clock.pass_(seconds=codes.LEASE.total_seconds() - 1)
        with pytest.raises(codes.WrongCode):
            codes.claim(code)
        clock.pass_(seconds=1)
    together = Barrier(LMSS)

    def claim(_number: int) -> codes.Claimed | None:
        with app.app_context():
            together.wait(timeout=60)
            try:
                return codes.claim(code)
            except codes.WrongCode:
                return None

    with ThreadPoolExecutor(LMSS) as people:
        (won,) = filter(None, people.map(claim, range(LMSS)))
    with app.app_context():
        with pytest.raises(codes.LostClaim), transaction():
            codes.spend(abandoned, "a-registration")  # it was only paused
        codes.give_back(abandoned)
        with pytest.raises(codes.WrongCode):
            codes.claim(code)
        codes.give_back(won)
        assert codes.claim(code)


def test_a_code_that_was_used_is_not_claimed_again(app: Flask, clock: TestClock) -> None:
    with app.app_context():
        code = codes.issue("Elm School", timedelta(days=1))
    with registering_lms() as lms:
        assert lms.press(app.test_client(), code).status_code == 200
    clock.pass_(minutes=10)
    with app.app_context(), pytest.raises(codes.WrongCode):
        codes.claim(code)
