"""Which issuer a platform's logins and messages may name."""

from __future__ import annotations

import pytest

from lti_tool.lti.platforms import FAMILIES, family_of

SERVER = "https://sakai.example.edu"
SAKAI = family_of("sakai")


@pytest.mark.parametrize(
    "registered",
    [
        SERVER,
        f"{SERVER}/site/b3a0",
        f"{SERVER}/deployment/two",
        f"{SERVER}/deployment/two/site/b3a0",
    ],
)
def test_sakais_login_names_the_server_alone(registered: str) -> None:
    assert SAKAI.login_issuer(registered) == SERVER
    assert SAKAI.signs_as(registered, registered)


@pytest.mark.parametrize(
    "said",
    [f"{SERVER}/site/b3a0", f"{SERVER}/deployment/two", f"{SERVER}/deployment/two/site/b3a0"],
)
def test_sakai_may_say_more_than_was_registered(said: str) -> None:
    assert SAKAI.signs_as(SERVER, said)


@pytest.mark.parametrize(
    ("registered", "said"),
    [
        (SERVER, "https://sakai.example.edu.evil.example/site/b3a0"),
        (SERVER, f"{SERVER}/other"),
        (SERVER, f"{SERVER}/site/"),
        (SERVER, f"{SERVER}/site/b3a0/more"),
        (SERVER, f"{SERVER}/site/b3a0\n"),
        (SERVER, f"{SERVER}/deployment/a b"),
        (SERVER, ""),
        (f"{SERVER}/site/b3a0", f"{SERVER}/site/c4b1"),
        (f"{SERVER}/site/b3a0", SERVER),
        (f"{SERVER}/deployment/two", f"{SERVER}/deployment/three"),
    ],
)
def test_what_was_registered_binds(registered: str, said: str) -> None:
    assert not SAKAI.signs_as(registered, said)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "sakai"])
def test_the_others_name_just_what_was_registered(name: str) -> None:
    family = family_of(name)
    registered = f"{SERVER}/site/b3a0"
    assert family.login_issuer(registered) == registered
    assert family.signs_as(registered, registered)
    assert not family.signs_as(SERVER, registered)
