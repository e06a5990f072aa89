"""An error in the log leads to a line of ours, however deep in others' code it was raised."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lti_tool.core.db.session import db
from lti_tool.core.logs import where
from lti_tool.lti.registrations import by_name

pytestmark = pytest.mark.sqlite_only


def test_an_error_of_the_database_names_our_line_and_its_own(context: Flask) -> None:
    db.session.execute(text("ALTER TABLE registration RENAME TO elsewhere"))
    with pytest.raises(DatabaseError) as caught:
        by_name("elm")
    db.session.rollback()
    places = where(caught.value)
    assert [place.split(":")[0] for place in places[:-2]] == ["lti_tool/lti/registrations.py"]
    assert places[0].endswith(":by_name")
    assert places[-1].startswith("default.py:")
