"""Where the next page is, and that an access token goes nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.launch import origin_of
from lti_tool.lti.platforms import family_of
from lti_tool.lti.platforms.addresses import beneath, with_parameter
from lti_tool.lti.services.paging import Elsewhere, next_page

HERE = "https://lms.example/Courses/Ab3/names_and_roles?limit=50"
NEXT = "https://lms.example/Courses/Ab3/names_and_roles?limit=50&page=bookmark:W@yJ"


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f'<{NEXT}>;rel="next"',
        f'  <{NEXT}> ; REL = "NEXT"  ',
        f'<{NEXT}>; title="a, b; c"; rel="next"',
        f'<{NEXT}>; title="a \\" >, b"; rel="next"',
        f'<{NEXT}>; rel="foo next"',
        f'<{HERE}>; rel="current", <{NEXT}>; rel="next", <{HERE}>; rel="first"',
        f'<https://lms.example/a,b;c>; rel="first",<{NEXT}>; rel="next"',
        f'nonsense, <{NEXT}>; rel="next"',
        f'<{NEXT}>; rel="next"; rel="prev"',
        f'</Courses/Ab3/names_and_roles{NEXT.partition("names_and_roles")[2]}>; rel="next"',
        f"<https://lms.example:443{NEXT.removeprefix('https://lms.example')}>; rel=next",
        f'<{NEXT}#part>; rel="next"',
        f'<{NEXT.replace("https:", "http:")}>; rel="next"',
        f'<{NEXT.replace("https://lms.example", "http://lms.example:443")}>; rel="next"',
        f'<{NEXT.replace("https://lms.example", "HTTP://LMS.example:80")}>; rel="next"',
    ],
)
def test_the_next_page(header: str) -> None:
    found = next_page(header, HERE)
    assert found is not None
    assert found.replace(":443", "") == NEXT, "as it was written, in its case"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        ",;,<>",
        f'<{NEXT}>; rel="prev"',
        f'<{NEXT}>; rel="prev"; rel="next"',
        f"<{NEXT}>",
        f'{NEXT}; rel="next"',
        f'<{NEXT}; rel="next"',
        f'<{NEXT}>; title="rel=next"',
        f'<{NEXT}>; title="; rel=next',
        f'<{NEXT}>; relation="next"',
        f'<{NEXT}>; rel="nextish"',
    ],
)
def test_no_next_page(header: str | None) -> None:
    assert next_page(header, HERE) is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/Courses",
        "//evil.example/Courses",
        "http://lms.example:8080/Courses",
        "http://evil.example/Courses",
        "https://lms.example:8443/Courses",
        "https://lms.example.evil.example/Courses",
        "https://lms.example@evil.example/",
        "https://evil.example\\@lms.example/",
        "https://evil.example@lms.example/",
        "\\\\evil.example/",
        "https://lms.example\\.evil.example/",
        "https://[::1/",
        "javascript:alert(1)",
        "https://lms.example/a b",
        "https://lms.example/\u00e9",
        "https://lms.example/" + "a" * 5000,
        "",
    ],
)
def test_a_next_page_where_no_token_may_go(target: str) -> None:
    with pytest.raises(Elsewhere):
        next_page(f'<{target}>; rel="next"', HERE)


@given(st.text(alphabet="<>;,=\"\\ '@:/?#.relnxtHTPs", max_size=80))
def test_whatever_is_written_leads_nowhere_else(header: str) -> None:
    try:
        found = next_page(header, HERE)
    except Elsewhere:
        return
    assert found is None or origin_of(found) == "https://lms.example"


@pytest.mark.parametrize(
    "quoted",
    ["rel=“next”", "rel=“next”".encode().decode("latin-1"), 'rel="next"', "rel=next"],
)
def test_the_quotation_marks_of_moodle(quoted: str) -> None:
    header = family_of("moodle").link_header(f"<{NEXT}>; {quoted}")
    assert next_page(header, HERE) == NEXT


@pytest.mark.parametrize(
    ("address", "limited"),
    [
        ("https://lms.example/a", "https://lms.example/a?limit=9"),
        ("https://lms.example/a?", "https://lms.example/a?limit=9"),
        ("https://lms.example/a?b=%2F&C=1", "https://lms.example/a?b=%2F&C=1&limit=9"),
        ("https://lms.example/a?limit=5", "https://lms.example/a?limit=5"),
        ("https://lms.example/a?limit=", "https://lms.example/a?limit="),
    ],
)
def test_a_parameter_is_added(address: str, limited: str) -> None:
    assert with_parameter(address, "limit", "9") == limited


@pytest.mark.parametrize(
    ("address", "scores"),
    [
        ("https://lms.example/items/7", "https://lms.example/items/7/scores"),
        ("https://lms.example/items/7/", "https://lms.example/items/7/scores"),
        (
            "https://lms.example/items/7/lineitem?type_id=1",
            "https://lms.example/items/7/lineitem/scores?type_id=1",
        ),
    ],
)
def test_a_part_goes_before_the_query(address: str, scores: str) -> None:
    assert beneath(address, "scores") == scores
