"""What a browser would send of a page's form, as it stands."""

from __future__ import annotations

from html.parser import HTMLParser

Fields = dict[str, str]


def form_of(html: str, mark: str) -> Fields:
    """The successful controls of the form that has the attribute ``mark``, by name."""
    reader = _Form(mark)
    reader.feed(html)
    assert reader.found, f"no form with {mark}"
    return reader.fields


class _Form(HTMLParser):
    def __init__(self, mark: str) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.found = self._inside = False
        self._mark = mark
        self._text_of = ""
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "option" and self._list:
            if "selected" in said or self._list not in self.fields:
                self.fields[self._list] = said["value"]
            return
        if tag == "form":
            self._inside = self._mark in said
            self.found = self.found or self._inside
        if not self._inside or not said.get("name"):
            return
        if tag == "textarea":
            self._text_of = said["name"]
            self.fields[self._text_of] = ""
        elif tag == "select":
            self._list = said["name"]
        elif tag == "input" and (
            said.get("type") not in ("checkbox", "radio") or "checked" in said
        ):
            self.fields[said["name"]] = said.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._text_of:
            self.fields[self._text_of] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea":
            self._text_of = ""
        if tag == "select":
            self._list = ""
