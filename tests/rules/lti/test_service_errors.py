"""What went wrong with an LMS, in a sentence; whatever the LMS writes into it."""

from __future__ import annotations

import pytest

from lti_tool.core.http import Answer, FetchError
from lti_tool.lti.services.errors import no_answer, refused


@pytest.mark.parametrize("written", ["{x}", "{", "}", "{0}", "{host.__class__}", "{other}"])
def test_a_host_with_braces_is_told_as_it_stands(written: str) -> None:
    answer = Answer(302, {"Location": f"https://{written}.evil.example/"}, b"")
    told = refused(f"https://lms{written}.example/token", answer)
    assert told.reason == "moved"
    assert f"another host, {written}.evil.example," in str(told)
    assert str(no_answer(f"https://lms{written}/", FetchError("", "private")))
