"""Addresses as people type and paste them: what stands around one, and what is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.people.emails import (
    InvalidEmail,
    Mailbox,
    SeveralAddresses,
    domain_of,
    match_form,
    normalise_email,
    read_mailbox,
    typed_email,
)

ADA = "ada@uni.edu"


@pytest.mark.parametrize(
    "typed",
    [
        "<ada@uni.edu>", "<<ada@uni.edu>>", "<ada@uni.edu", "ada@uni.edu>", "(ada@uni.edu)",
        "[ada@uni.edu]", "{ada@uni.edu}", "“ada@uni.edu”", "„ada@uni.edu“", "«ada@uni.edu»",
        "‹ada@uni.edu›", "'ada@uni.edu'", '"ada@uni.edu"', "'ada@uni.edu", "‘ada@uni.edu’",
        "`ada@uni.edu`", "*ada@uni.edu*", "_ada@uni.edu_", "ada@uni.edu;", "ada@uni.edu,",
        "ada@uni.edu.", "ada@uni.edu:", "ada@uni.edu!", ", ada@uni.edu", "ada@uni.edu；",
        "ada@uni.edu。", "\u00a0ada@uni.edu\u3000", "\r\nada@uni.edu\n", "\tada@uni.edu",
        "• ada@uni.edu", "- ada@uni.edu", "mailto:ada@uni.edu", "MAILTO:ada@uni.edu?subject=Hi",
        "mailto:ada%40uni.edu", "<mailto:ada@uni.edu>;", "E-mail: ada@uni.edu", "To: <ada@uni.edu>",
        "SMTP:ada@uni.edu", "ada@uni.edu <mailto:ada@uni.edu>",
        "[ada@uni.edu](mailto:ada@uni.edu)", '"ada@uni.edu" <ada@uni.edu>', "**ada@uni.edu**",
        "*ada@uni.edu*.", "__ada@uni.edu__", "_ada@uni.edu_.", "~~ada@uni.edu~~,",
        "{ada@uni.edu}.", "**_ada@uni.edu_**", "*“ada@uni.edu”*", "“*ada@uni.edu*”.",
        "**<ada@uni.edu>**", "ada@uni.edu*", "**E-mail:** ada@uni.edu", "| ada@uni.edu |",
        "|ada@uni.edu|", "mailto://ada@uni.edu", "،ada@uni.edu", "ada@uni.edu،", "「ada@uni.edu」",
        "【ada@uni.edu】", "《ada@uni.edu》", "•ada@uni.edu", "¿ada@uni.edu?", "ada@uni.edu/",
        "ada@uni.edu?subject=hi", "&lt;ada@uni.edu&gt;", "&#60;ada@uni.edu&gt;",
        "&nbsp;ada@uni.edu&nbsp;", "ada @ uni.edu", "ada@ uni.edu", "1. ada@uni.edu",
        "2) ada@uni.edu", "ada@uni.edu - Ada", "ada@uni.edu, Ada@Uni.edu",
        "ada@uni.edu ada@uni.edu", "<ada@uni.edu> Ada Lovelace", "ada@uni.edu | +1 555",
        "✉ ada@uni.edu", "ada@uni。edu", "ada@uni．edu.", "ada@uni.edu¹", "ada@uni.edu™",
        "①ada@uni.edu", "ada@uni.edu%20", "%20ada@uni.edu", "%3Cada@uni.edu%3E%0D%0A",
        "ada%40uni.edu", "=?utf-8?B?QWRh?= <ada@uni.edu>",
        '<a href="mailto:ada@uni.edu">Ada</a>',
    ],
)  # fmt: skip
def test_what_stands_around_an_address_goes(typed) -> None:
    assert read_mailbox(typed) == Mailbox(ADA, "")


INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0f\u034f\u2800"
    + "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
)


@pytest.mark.parametrize("unseen", INVISIBLE, ids=lambda char: f"U+{ord(char):04X}")
def test_what_cannot_be_seen_goes_wherever_it_stands(unseen) -> None:
    for at in range(len(ADA) + 1):
        assert read_mailbox(ADA[:at] + unseen + ADA[at:]).address == ADA


@pytest.mark.parametrize(
    "typed",
    [
        "ada＠uni.edu",
        "ada﹫uni.edu",
        "ａｄａ＠ｕｎｉ．ｅｄｕ",
        "ada@uni。edu",
        "Ada＜ada＠uni.edu＞",
        "ada@ｕni.edu",
    ],
)
def test_full_width_becomes_ordinary(typed) -> None:
    assert typed_email(typed) == ADA


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ada Lovelace <ada@uni.edu>", "Ada Lovelace"),
        ('"Lovelace, Ada" <ada@uni.edu>', "Lovelace, Ada"),
        ("'Ada Lovelace' <ada@uni.edu>;", "Ada Lovelace"),
        ('"Ada Lovelace <ada@uni.edu>"', "Ada Lovelace"),
        ('"Ada \\"Countess\\" King" <ada@uni.edu>', 'Ada "Countess" King'),
        ("To: Ada Lovelace <ada@uni.edu>,", "Ada Lovelace"),
        ("Ada Lovelace (ada@uni.edu)", "Ada Lovelace"),
        ("Ada Lovelace [ada@uni.edu]", "Ada Lovelace"),
        ("ada@uni.edu (Ada Lovelace)", "Ada Lovelace"),
        ("[Ada Lovelace](mailto:ada@uni.edu)", "Ada Lovelace"),
        ("Ada\u00a0Lovelace\n<ada@uni.edu>", "Ada Lovelace"),
        ("O’Brien <ada@uni.edu>", "O’Brien"),
        ("*Ada Lovelace* <ada@uni.edu>", "Ada Lovelace"),
        ("**Ada Lovelace <ada@uni.edu>**", "Ada Lovelace"),
        ("Ada <ada@uni.edu> (work)", "Ada"),
        ("Ada <ada@uni.edu> wrote:", "Ada"),
        ("On Mon, 5 Jan 2026 at 10:00, Ada Lovelace <ada@uni.edu> wrote:", "Ada Lovelace"),
        ("Ada <ada@uni.edu>\nUniversity", "Ada"),
        ("Ada <ada@uni.edu>, Ph.D.", "Ada"),
        ("Ada Lovelace ada@uni.edu", "Ada Lovelace"),
        ("Ada ada@uni.edu", "Ada"),
        ("Ada Lovelace - ada@uni.edu", "Ada Lovelace"),
        ("Ada Lovelace, ada@uni.edu, Ada@uni.edu", "Ada Lovelace"),
        ("3. Ada <ada@uni.edu> x", ""),
        ("mailto:Ada%20L%20%3Cada@uni.edu%3E", "Ada L"),
        (">> Ada <ada@uni.edu>", "Ada"),
        ("1. Ada Lovelace <ada@uni.edu>", "Ada Lovelace"),
        ("Ada Lovelace (ada@uni.edu) [Student]", "Ada Lovelace"),
        ("(Ada) ada@uni.edu", "Ada"),
        ("<Ada Lovelace> ada@uni.edu", "Ada Lovelace"),
        ("Ada L. ada@uni.edu", "Ada L."),
        ("王 ada@uni.edu", "王"),
        ("Please write to one of us at this address here ada@uni.edu", ""),
    ],
)  # fmt: skip
def test_a_name_that_comes_along_is_kept(typed, name) -> None:
    assert read_mailbox(typed) == Mailbox(ADA, name)


@pytest.mark.parametrize("address", ["_ada@uni.edu", "*ada@uni.edu", "ada_@uni.edu"])
def test_signs_without_a_partner_are_part_of_the_address(address) -> None:
    assert read_mailbox(address).address == read_mailbox(f"~{address}~.").address == address


def test_an_escape_inside_an_address_is_a_part_of_it() -> None:
    assert read_mailbox("o'%20drop@uni.edu").address == "o'%20drop@uni.edu"


def test_a_sign_that_markdown_escapes_is_meant() -> None:
    assert read_mailbox("ada\\_l\\.b@my\\-uni.edu").address == "ada_l.b@my-uni.edu"


def test_the_part_before_the_sign_has_as_many_octets_as_mail_allows() -> None:
    assert typed_email(f"{'é' * 32}@uni.edu")
    with pytest.raises(InvalidEmail):
        typed_email(f"{'é' * 32}a@uni.edu")


@pytest.mark.parametrize(
    "typed",
    [
        "ada@uni.edu, eve@uni.edu", "ada@uni.edu;eve@uni.edu", "ada@uni.edu eve@uni.edu",
        "ada@uni.edu\neve@uni.edu", "ada@uni.edu <eve@uni.edu>", "mailto:ada@uni.edu,eve@uni.edu",
        "Ada <ada@uni.edu>, Eve <eve@uni.edu>", "ada＠uni.edu eve﹫uni.edu",
    ],
)  # fmt: skip
def test_several_addresses_have_their_own_error(typed) -> None:
    with pytest.raises(SeveralAddresses):
        read_mailbox(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "\u200b", "<>", "ada", "ada@", "@uni.edu", "ada@uni", "a b@uni.edu",
        "ada. b@uni.edu", "ada@uni.co m", "ada@uni.ac .uk", "ada@my uni.edu", "**ada@uni.edu*",
        "_ada@uni.edu*", "/@uni", "ada@@uni.edu", "ada＠@uni.edu", "ada﹫x@uni.edu",
        "ada@uni.edu@evil.org", "ada@uni..edu", ".ada@uni.edu", "ada@-uni.edu", "ada@[127.0.0.1]",
        "https://ada@uni.edu", "a\0b@uni.edu", "ada@uni.edu\nbcc:x", "Ada <ada@uni>",
        "ada@uni.edu@evil.org x", "a d a@uni.edu", "j . smith@uni.edu", "my j. smith@uni.edu",
        "UNI\\ada@uni.edu", "ada@127.0.0.1", "ada@uni.123",
    ],
)  # fmt: skip
def test_what_is_no_address_however_it_is_read(typed) -> None:
    with pytest.raises(InvalidEmail) as refused:
        read_mailbox(typed)
    assert not isinstance(refused.value, SeveralAddresses)


def test_what_is_shown_keeps_its_capitals() -> None:
    assert read_mailbox(" Ada.L@Uni.EDU\u200b ").address == "Ada.L@Uni.EDU"


TWINS = [
    *((f"o{one}brien@uni.edu", "o'brien@uni.edu") for one in "’‘ʼ´`‛′‵ʻ＇ꞌ\u05f3\u055a"),
    *((f"anne{one}marie@uni.edu", "anne-marie@uni.edu") for one in "‐‑‒–—−－\u05be\u058a"),
    ("İpek@uni.edu", "ipek@uni.edu"), ("IPEK@uni.edu", "ipek@uni.edu"),
    ("ıpek@uni.edu", "ipek@uni.edu"), ("i\u0307pek@uni.edu", "ipek@uni.edu"),
    ("İPEK@UNİ.EDU", "ipek@uni.edu"), ("ıpek@unı.edu", "ipek@uni.edu"),
    ("a@unİı.edu", "a@uniı.edu"),
    ("IŞIK@uni.edu", "ışık@uni.edu"), ("ΝΙΚΟΣ.Π@uni.edu", "νικος.π@uni.edu"),
    ("Ν@ΝΊΚΟΣ.GR", "ν@νίκος.gr"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), TWINS)
def test_twins_match_both_ways_though_they_are_two_addresses(one, other) -> None:
    assert match_form(typed_email(one)) == match_form(typed_email(other))


def test_strictly_twins_stay_apart() -> None:
    assert typed_email("o’brien@uni.edu") != typed_email("o'brien@uni.edu")
    assert typed_email("İpek@uni.edu") != typed_email("ipek@uni.edu")


@pytest.mark.parametrize(
    "other",
    ["o.brien@uni.edu", "obrien@uni.edu", "o'brien@un'i.edu", "ó'brien@uni.edu", "o'brien@uní.edu"],
)
def test_nothing_else_matches(other) -> None:
    try:
        found = match_form(typed_email(other))
    except InvalidEmail:
        return
    assert found != match_form("o'brien@uni.edu")


spellings = st.text(alphabet="aiIİıßſς’'´`‐-–−ŉ″.﹫＠\u0307\u0301 <>();,\u200b", max_size=12)
typed = (
    st.emails()
    | st.builds("{}@uni.edu".format, spellings)
    | st.builds("{}@{}.edu".format, spellings, spellings)
)


@given(typed)
def test_reading_what_was_read_changes_nothing(text) -> None:
    try:
        mailbox, strict = read_mailbox(text), typed_email(text)
    except InvalidEmail:
        return
    assert read_mailbox(mailbox.address).address == mailbox.address
    assert normalise_email(mailbox.address) == typed_email(mailbox.address) == strict
    assert typed_email(strict) == strict
    match = match_form(strict)
    assert match_form(match) == match == match_form(typed_email(mailbox.address))
    assert match_form(typed_email(match)) == match


@given(typed, typed)
def test_strictly_the_same_is_the_same_for_a_person(one, other) -> None:
    try:
        first, second = typed_email(one), typed_email(other)
    except InvalidEmail:
        return
    if first == second:
        assert match_form(first) == match_form(second)
    domains = {domain_of(first), domain_of(second)}
    if len(domains) == 2 and not any("xn--" in one for one in domains):
        assert match_form(first) != match_form(second)


def test_an_address_is_looked_for_in_no_more_than_a_letters_head() -> None:
    """Whoever may invite could hold a worker for minutes with a text of bullets."""
    assert read_mailbox("ada@uni.edu" + " " * 3_000).address == "ada@uni.edu"
    with pytest.raises(InvalidEmail):
        read_mailbox("ada@uni.edu" + " " * 4_000)
    with pytest.raises(SeveralAddresses):
        read_mailbox(", ".join(f"ada{number}@uni.edu" for number in range(1_000)))
    assert read_mailbox("* " * 100 + "ada@uni.edu").address == "ada@uni.edu"
