"""Reading the form of a page, to send it on as a browser would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class PageForm:
    """A form's address, method (upper case) and hidden fields."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: PageForm | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            method = given.get("method", "").upper()
            self.form = PageForm(given.get("action", ""), method if method == "POST" else "GET")
            self._inside = True
        elif tag == "input" and self._inside and self.form and given.get("type") == "hidden":
            self.form.fields[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def first_form(html: str) -> PageForm | None:
    """Return the first form of a page; None when it has none."""
    reader = _Reader()
    reader.feed(html)
    return reader.form
