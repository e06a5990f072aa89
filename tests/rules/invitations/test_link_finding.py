"""A link is found in what mail programs make of it, and in what people paste."""

from __future__ import annotations

import base64
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.link_finding import (
    MOST_READ,
    NoLink,
    SeveralLinks,
    layers_of,
    token_in,
    token_of_path,
)
from lti_tool.invitations.token import derive_token

KEY = b"k" * 32
TOKEN = derive_token(KEY, "a" * 26, 1)
OTHER = derive_token(KEY, "b" * 26, 1)
AWKWARD = "-_" * 20 + "_-E"
"""A token that is made of the signs which checking addresses encode."""
LINK = f"https://tool.example/i/{TOKEN}"


@pytest.mark.parametrize(
    "left",
    [*".,)>;\"'*]}!?:&=~|", "%20", " ", "\n", "\r\n", "\u200b", "\u00a0", "…", "»", "”", "/", "/>",
     ").", ">.", "&amp;utm_source=mail", "&fbclid=1", "%3E", "%E2%80%8B", "<br>", " and more words",
     "_", "__", "=", "_.", "__*", "___.YXAzOg", "__;!!ABC$"],
)  # fmt: skip
def test_what_is_left_at_a_links_end_is_forgiven(left) -> None:
    assert token_of_path(TOKEN + left) == TOKEN


@pytest.mark.parametrize(
    "left",
    [
        "<",
        " ",
        '"',
        "%20",
        "\u200b",
        "(",
        "=",
        "_",
        "__",
        "*_",
        "i/",
        "/i/",
        "https://x.org/i/",
        "i/_",
    ],
)
def test_so_is_what_is_left_before_it_if_it_is_no_letter(left) -> None:
    assert token_of_path(left + TOKEN) == (None if left == "%20" else TOKEN)


def test_signs_of_emphasis_go_on_both_sides() -> None:
    assert token_of_path(f"_{AWKWARD}_") == token_of_path(f"__{AWKWARD}__.") == AWKWARD


@pytest.mark.parametrize("sign", ["\\", "/"], ids=["as pasted", "as a browser sends it"])
def test_so_do_those_that_markdown_puts_before_low_lines(sign) -> None:
    assert token_of_path(AWKWARD.replace("_", f"{sign}_")) == AWKWARD


@pytest.mark.parametrize(
    "between", [" ", "\n", "\u00ad", "\u200b", "\r\n ", "\u00a0", "<wbr>", "<WBR />"]
)
def test_and_what_breaks_it_in_two(between) -> None:
    assert token_of_path(TOKEN[:20] + between + TOKEN[20:]) == TOKEN


@pytest.mark.parametrize(
    "part",
    [TOKEN[:-1], TOKEN[:-1] + ".", TOKEN[1:], TOKEN + "A", TOKEN + "-A", "x" + TOKEN, "", ".",
     TOKEN[:-1] + "B", f"{TOKEN[:20]}.{TOKEN[20:]}"],
)  # fmt: skip
def test_a_link_that_is_incomplete_stays_so(part) -> None:
    assert token_of_path(part) is None


@given(st.text(max_size=60))
def test_what_is_found_is_a_token_that_stands_there(text) -> None:
    found = token_of_path(text)
    plain = unicodedata.normalize("NFKC", text).translate(dict.fromkeys(map(ord, "‐−"), "-"))
    assert found is None or found in "".join(plain.split())


def proofpoint_2(link: str) -> str:
    return (
        quote(link, safe="")
        .replace("-", "-2D")
        .replace("_", "-5F")
        .replace("%2F", "_")
        .replace("%", "-")
    )


def wrappers(token: str) -> list[str]:
    link = f"https://tool.example/i/{token}"
    inside, in_base64 = quote(link, safe=""), base64.b64encode(link.encode()).decode()
    safe = (
        f"https://eur01.safelinks.protection.outlook.com/?url={inside}&data=05%7C02%7Cada%40x.org"
    )
    safe += f"%7C{'0' * 32}&sdata={OTHER}%3D&reserved=0"
    return [
        link,
        token,
        f"  <{link}>. ",
        f"Please open\n{link}?utm=1\nsoon",
        f"{link} {link}",
        f"[{link}]({link})",
        f'<a href="{link}">Your invitation</a>',
        f"{link}=\nRegards",
        safe,
        safe.replace("&", "&amp;"),
        f"https://statics.teams.cdn.office.net/safelinks/1/atp-safelinks.html?url={inside}&locale=en",
        f"https://urldefense.proofpoint.com/v1/url?u={inside}&k=x%3D%3D&r=y",
        f"https://urldefense.proofpoint.com/v2/url?u={proofpoint_2(link)}&d=Dw&c={OTHER}&m={OTHER}",
        f"https://urldefense.com/v3/__{link}__;!!ABC!{OTHER}$",
        f"https://url.avanan.click/v2/___{link}___.YXAzOmE6bzo",
        f"https://www.google.com/url?q={inside}&sa=D&ust=1&usg={OTHER}",
        f"https://linkprotect.cudasvc.com/url?a={inside}&c=E,1,{OTHER}&typo=1",
        f"https://secure-web.cisco.com/1{OTHER}/{inside}",
        f"https://eu-central-1.protection.sophos.com?d=tool.example&u={in_base64}&i=x&h={OTHER}",
        f"https://imsva91.trendmicro.com:443/wis/clicktime/v1/query?url={inside}"
        "&umid=1&auth=" + "0" * 40,
        f"https://protect2.fireeye.com/v1/url?k=1-2-3&q=1&e=x&u={inside}",
        f"https://www.google.com/url?q={quote(safe, safe='')}",
        f"{link[:40]}=\n{link[40:]}",
        f"{link[:40]}\n{link[40:]}",
        f"> Hello\n> {link[:40]}\n> {link[40:]}\n> Regards",
        f"{link[:40]} \r\n{link[40:]}",
        f"{link[:40]}\u00ad{link[40:]}",
        f'<a href=3D"{link[:30]}=\r\n{link[30:]}">go</a>',
        forwarded(link, safe),
        f"_{link}_",
        f"**{link}**.",
        f"https://tool.example/i/i/{token}",
        f"https://tool.example/\ni/{token}",
        f"https://tool.example/i/\n{token}",
        link.replace("_", "\\_"),
        f"{link[:40]} {link[40:]}",
        f"{link[:40]}\u00a0{link[40:]} Regards",
        f"{token[:20]} {token[20:]}",
        f"{link[:40]}<wbr>{link[40:]}",
        f"{link[:40]}&lt;wbr&gt;{link[40:]}",
        f"{link[:40]}&shy;{link[40:]}",
        f"https://protect.checkpoint.com/v2/r01/___{link}___.YXAzOmE6bzo",
        f"https://urldefense.com/v3/__https:/tool.example/i/{token}__;!!ABC!{OTHER}$",
        '{"link": "' + link.replace("/", "\\/") + '"}',
        "".join(chr(ord(char) + 0xFEE0) for char in link),
        link.replace("-", "\u2011"),
        link.replace("_", "=5F"),
    ]


def forwarded(*links: str) -> str:
    lines = ["---------- Forwarded message ---------", "From: Maria Santos <maria@uni.edu>",
             "Message-ID: <CAJ0bXyZ1234567890abcdefghijklmnopqrstuvw@mail.test>", ""]  # fmt: skip
    return "\r\n".join([*lines, *links, "", "Best wishes"])


@pytest.mark.parametrize("number", range(len(wrappers(TOKEN))))
@pytest.mark.parametrize("token", [TOKEN, AWKWARD], ids=["plain", "awkward"])
def test_a_pasted_link_is_found(number, token) -> None:
    assert token_in(wrappers(token)[number]) == token


@pytest.mark.parametrize(
    "pasted",
    ["", "https://tool.example/i/", TOKEN[:-1], f"x{TOKEN}", LINK[:-1], "https://tool.example/media/x",
     f"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.org&sdata={OTHER}%3D"],
)  # fmt: skip
def test_what_holds_no_link(pasted) -> None:
    with pytest.raises(NoLink) as none:
        token_in(pasted)
    assert not isinstance(none.value, SeveralLinks)


@pytest.mark.parametrize(
    "pasted",
    [f"{LINK} https://tool.example/i/{OTHER}", f"{TOKEN} {OTHER}", forwarded(LINK, f"/i/{OTHER}")],
)
def test_two_different_links_are_told_apart(pasted) -> None:
    with pytest.raises(SeveralLinks):
        token_in(pasted)


def test_a_link_that_stands_in_the_open_counts_before_one_that_is_wrapped() -> None:
    wrapped = quote(f"https://tool.example/i/{OTHER}", safe="")
    assert token_in(f"{LINK} https://www.google.com/url?q={wrapped}") == TOKEN


@pytest.mark.parametrize("first", [TOKEN, OTHER])
def test_of_two_links_the_one_that_is_worth_more_is_taken(first) -> None:
    second = OTHER if first == TOKEN else TOKEN
    wrapped = quote(f"https://other.example/i/{second}", safe="")
    for other in (f"/i/{second}", f"https://www.google.com/url?q={wrapped}"):
        text = f"https://tool.example/i/{first}\n{other}"
        for wanted in (TOKEN, OTHER):
            assert token_in(text, lambda token, wanted=wanted: int(token == wanted)) == wanted


def test_a_token_behind_low_lines_without_end_is_not_sought() -> None:
    """It would be sought at each of them."""
    assert token_in(f"{LINK} https://other.example/i/{'_' * 60}{OTHER}") == TOKEN
    with pytest.raises(SeveralLinks):
        token_in(f"{LINK} https://other.example/i/___{OTHER}")


def test_a_link_counts_once_however_often_it_is_written() -> None:
    others = [f"https://tool.example/i/{derive_token(KEY, 'c' * 26, n)}" for n in range(9)]
    written = [
        f'<a href="https://www.google.com/url?q={quote(one, safe="")}">{one}</a>'
        for one in (*others, LINK)
    ]
    assert token_in(" ".join(written), lambda token: int(token == TOKEN)) == TOKEN


def test_of_very_many_links_none_is_looked_for() -> None:
    many = " ".join(f"/i/{derive_token(KEY, 'c' * 26, number)}" for number in range(30))
    with pytest.raises(SeveralLinks):
        token_in(f"{LINK} {many}", lambda token: int(token == TOKEN))


@pytest.mark.parametrize(
    "flood",
    [" ", "\n", "/v3/__https:", "=\n", "%25", "a=", "/i/", "&amp;", "é", "/i/_", "/i/a\n>", "i/ ",
     "%25252541&amp;amp;amp;=3D=\n>", "/v2/url?u=-25", f"?u={'aHR0cHM6' * 8}"],
)  # fmt: skip
def test_whatever_is_pasted_little_is_looked_through(flood) -> None:
    text = flood * (100_000 // len(flood)) + "/v3/__http:"
    assert sum(len(form) for layer in layers_of(text) for form in layer) <= MOST_READ
    with pytest.raises(NoLink):
        token_in(text)
