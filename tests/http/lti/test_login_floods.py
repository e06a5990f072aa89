"""A flood of logins shuts nobody out: neither the slow ones nor whoever comes meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from factories import TestClock
from flask import Flask
from flask.testing import FlaskClient
from launch_helpers import assert_entered, begin, count
from sqlalchemy import insert, select

from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import digest, new_secret
from lti_tool.lti import registrations
from lti_tool.lti.launching.login import STATE_LIFE, Pruner
from lti_tool.lti.models import LoginState
from sandbox.platform import Platform

pytestmark = pytest.mark.every_database
MOST = 20


@pytest.fixture(autouse=True)
def _few_are_kept(app: Flask) -> None:
    app.extensions["foyer.login_pruner"] = Pruner(most=MOST)


def at(app: Flask, address: str) -> FlaskClient:
    """A browser of its own, at this address of the network."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def network_of(app: Flask, lms: Platform, address: str) -> str | None:
    """What is kept of where a login came from."""
    begin(lms, at(app, address))
    with app.app_context():
        newest = select(LoginState.network).order_by(LoginState.expires_at.desc())
        kept = db.session.scalars(newest).first()
    with app.app_context(), transaction() as session:
        session.query(LoginState).delete()
    return kept


def flood(app: Flask, clock: TestClock, number: int = MOST * 3, **columns: Any) -> None:
    """Many logins at once; what is a list has a value for each."""
    with app.app_context(), transaction() as session:
        row = registrations.by_name("northfield")
        session.execute(
            insert(LoginState),
            [
                {
                    "state_hash": digest(new_secret(8)),
                    "nonce_hash": digest(new_secret(8)),
                    "registration_id": row.id,
                    "browser_hash": new_secret(8),
                    "target_link_uri": "",
                    "expires_at": clock() + STATE_LIFE,
                    **{name: _nth(value, number) for name, value in columns.items()},
                }
                for number in range(number)
            ],
        )


def _nth(value: Any, number: int) -> Any:
    return value[number] if isinstance(value, list) else value


EVERYWHERE = [digest(str(number)) for number in range(MOST * 3)]
FROM: dict[str, dict[str, Any]] = {
    "from as many networks": {"network": EVERYWHERE},
    "from another network": {"network": "elsewhere"},
    "by one browser of the same network": {"browser_hash": "one"},
    "by many browsers of the same network, later": {},
}


@pytest.mark.parametrize("how", FROM)
def test_a_slow_login_keeps_its_ten_minutes(
    app: Flask, lms: Platform, clock: TestClock, how: str
) -> None:
    network = network_of(app, lms, "2001:db8:1:2::7")
    columns = {"network": network, **FROM[how]}
    slow = at(app, "2001:db8:1:2::8")
    location = begin(lms, slow)
    clock.pass_(seconds=1)
    for _more in range(9):
        flood(app, clock, **columns)
        clock.pass_(minutes=1)
        begin(lms, at(app, "198.51.100.9"))
    assert count(app, LoginState) <= MOST + 1
    assert_entered(lms.post(slow, lms.answer(location)))


def test_whoever_comes_in_the_middle_of_it_gets_in(
    app: Flask, lms: Platform, clock: TestClock
) -> None:
    network = network_of(app, lms, "198.51.100.7")
    flood(app, clock, network=network)
    clock.pass_(minutes=1)
    for address in ("198.51.100.7", "203.0.113.5"):
        client = at(app, address)
        form = lms.answer(begin(lms, client))
        flood(app, clock, network=network)
        assert_entered(lms.post(client, form))


def test_logins_that_are_over_make_room_first(app: Flask, lms: Platform, clock: TestClock) -> None:
    slow = at(app, "198.51.100.7")
    location = begin(lms, slow)
    clock.pass_(minutes=1)
    flood(app, clock, consumed_at=clock(), network="elsewhere")
    begin(lms, at(app, "203.0.113.5"))
    assert_entered(lms.post(slow, lms.answer(location)))


def test_all_networks_of_one_site_are_no_more_than_one(
    app: Flask, lms: Platform, clock: TestClock
) -> None:
    """Whoever comes in the middle of it: a /48 has 65,536 of them."""
    site = str(network_of(app, lms, "2001:db8:1:2::7"))[:32]
    flood(app, clock, network=[site + one[32:] for one in EVERYWHERE])
    clock.pass_(seconds=1)
    slow = at(app, "2001:db8:2:2::7")
    location = begin(lms, slow)
    clock.pass_(seconds=31)
    begin(lms, at(app, "203.0.113.5"))
    assert count(app, LoginState) <= MOST + 1
    assert_entered(lms.post(slow, lms.answer(location)))


def test_one_client_is_one_ipv4_address_or_one_ipv6_network(app: Flask, lms: Platform) -> None:
    one, same = (network_of(app, lms, f"2001:db8:1:2::{last}") for last in "78")
    assert one == same
    assert (
        len({one, *(network_of(app, lms, other) for other in ("2001:db8:1:3::7", "192.0.2.1"))})
        == 3
    )
    assert "2001" not in str(one)


def test_other_platforms_are_not_touched(
    app: Flask, both_schools: Platform, clock: TestClock
) -> None:
    client = at(app, "198.51.100.7")
    form = both_schools.answer(begin(both_schools, client, school="southgate"))
    flood(app, clock, network="elsewhere", expires_at=clock() + timedelta(minutes=1))
    clock.pass_(seconds=31)
    begin(both_schools, at(app, "203.0.113.5"))
    assert_entered(both_schools.post(client, form))
