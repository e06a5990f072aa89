"""Deep-linking responses (Deep Linking 2.0 §4.5), checked as each product checks them.

Everything that the text of the standard asks for is looked at. What the product looks at as well
refuses the answer; the rest is noted, for a test to see.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sandbox import claims as c
from sandbox.courses import Link
from sandbox.dialogs import Dialog
from sandbox.services import jwt_checks, state_store
from sandbox.services.host import HostPlatform
from sandbox.services.jwt_checks import Unproven

_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
CONTENT_ITEMS = _DL + "content_items"
DATA = _DL + "data"
_MESSAGES = ("msg", "errormsg")
_LIFE = 300
_NEEDED = {"link": "url", "file": "url", "image": "url", "html": "html"}


@dataclass(frozen=True)
class Returned:
    """One answer to a dialog.

    refusal  why it was not taken, "" when it was
    notices  what is against the standard, but does not matter to this product
    breaches what all of that is about, in a word each: "signature", "iss", "data", "items" …
    links    the activities that were made of it
    message, error  what the tool has to say, `msg` and `errormsg`
    """

    dialog: Dialog
    claims: dict[str, Any]
    items: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""
    notices: tuple[str, ...] = ()
    breaches: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    message: str = ""
    error: str = ""

    @property
    def cancelled(self) -> bool:
        """Whether nothing was chosen."""
        return not self.refusal and not self.items


class DeepLinking:
    """The platform's side of Deep Linking by the book: every breach refuses."""

    fatal: ClassVar[frozenset[str] | None] = None
    """The breaches that refuse, by what they are about; None: all."""
    nameless: ClassVar[str] = "An activity"
    window_unless_frame: ClassVar[bool] = False

    def take(self, platform: HostPlatform, dialog: Dialog, token: str) -> Returned:
        """Read the answer and make activities of it."""
        try:
            claims = jwt_checks.read(platform, token)
        except Unproven as why:
            refusal = f"The message is not signed by the tool: {why}."
            return Returned(dialog, {}, refusal=refusal, breaches=("signature",))
        found = list(_breaches(platform, dialog, claims))
        breaches = tuple(about for about, _ in found)
        for about, sentence in found:
            if self.fatal is None or about in self.fatal:
                return Returned(dialog, claims, refusal=sentence, breaches=breaches)
        items = claims[CONTENT_ITEMS]
        dialog.items = items
        made = [self._make(platform, dialog, item) for item in items]
        links = tuple(link for link in made if link)
        state_store.keep_links(platform.state, links)
        return Returned(
            dialog,
            claims,
            items,
            notices=tuple(sentence for _, sentence in found),
            breaches=breaches,
            links=links,
            message=str(claims.get(_DL + "msg") or ""),
            error=str(claims.get(_DL + "errormsg") or ""),
        )

    def _make(self, platform: HostPlatform, dialog: Dialog, item: dict[str, Any]) -> Link | None:
        """Return an activity, of the kind of item that is one."""
        if item["type"] != "ltiResourceLink":
            return None
        custom = {name: self.custom(value) for name, value in (item.get("custom") or {}).items()}
        link = platform.add_link(
            item.get("title") or self.nameless,
            id=f"{dialog.course.id}-made-{secrets.token_hex(4)}",
            media=custom.get("media"),
            custom=custom,
            course=dialog.course,
            school=dialog.school,
            url=item.get("url") or "",
            window=self._in_window(item),
        )
        column = item.get("lineItem")
        if column and dialog.placement.lineitem is not False:
            platform.services.couple(
                link,
                label=column.get("label") or link.title,
                maximum=float(column["scoreMaximum"]),
                resource_id=str(column.get("resourceId") or ""),
                tag=str(column.get("tag") or ""),
            )
        return link

    def custom(self, value: Any) -> str:
        return str(value)

    def _in_window(self, item: dict[str, Any]) -> bool:
        return "iframe" not in item and (self.window_unless_frame or "window" in item)


class SakaiDeepLinking(DeepLinking):
    """Looks at the signature and the kind of message; chokes on what is no string."""

    fatal = frozenset({"message_type", "items", "types", "multiple", "custom"})
    nameless = "LTI Tool"
    window_unless_frame = True


class CanvasDeepLinking(DeepLinking):
    """Looks at who sent it to whom and when, and takes what the placement takes."""

    fatal = frozenset(
        {"message_type", "iss", "aud", "exp", "iat", "nonce", "items", "types", "multiple", "url"}
    )


class MoodleDeepLinking(DeepLinking):
    """Looks at who sent it, and at times if there are any; custom values are lines."""

    fatal = frozenset({"iss", "expired", "items", "types", "multiple"})

    def custom(self, value: Any) -> str:
        return str(value).replace("\n", " ")


def _breaches(
    platform: HostPlatform, dialog: Dialog, claims: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with an answer: what it is about, and a sentence."""
    yield from _envelope(platform, dialog, claims)
    if dialog.data is not None and claims.get(DATA) != dialog.data:
        yield "data", f"data must come back as it was sent ({dialog.data})."
    if dialog.data is None and DATA in claims:
        yield "data", "data comes back although none was sent."
    items = claims.get(CONTENT_ITEMS)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield "items", "content_items is not a list of objects."
        return
    if len(items) > 1 and not dialog.placement.multiple:
        yield "multiple", f"{len(items)} items came back, but this dialog takes one."
    for number, item in enumerate(items, 1):
        for about, sentence in _item_breaches(platform, dialog, item):
            yield about, f"Item {number}: {sentence}"


def _envelope(
    platform: HostPlatform, dialog: Dialog, claims: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    now = platform.now().timestamp()
    told = platform.registration(dialog.school)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != told.client_id:
        yield "iss", f"iss is {claims.get('iss')}, not the client id {told.client_id}."
    if told.issuer not in audiences:
        yield "aud", f"aud is {audience}, not the issuer {told.issuer}."
    for name in ("exp", "iat"):
        if not isinstance(claims.get(name), int | float):
            yield name, f"{name} is missing."
    try:
        jwt_checks.check_times(claims, now)
    except Unproven as why:
        yield "exp", f"Not now: {why}."
        yield "expired", f"Not now: {why}."
    if isinstance(claims.get("iat"), int | float) and claims["iat"] < now - _LIFE:
        yield "iat", "iat is older than five minutes."
    nonce = claims.get("nonce")
    if not nonce or not platform.first_use(f"nonce {told.client_id} {nonce}"):
        yield "nonce", "nonce is missing, or was used before."
    if claims.get(c.MESSAGE_TYPE) != "LtiDeepLinkingResponse":
        yield "message_type", "message_type is not LtiDeepLinkingResponse."
    if claims.get(c.VERSION) != "1.3.0":
        yield "version", "version is not 1.3.0."
    if claims.get(c.DEPLOYMENT_ID) != told.deployment_id:
        yield "deployment_id", f"deployment_id is not {told.deployment_id}."


def _item_breaches(
    platform: HostPlatform, dialog: Dialog, item: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    kind = item.get("type")
    if kind not in dialog.placement.accept_types:
        taken = ", ".join(dialog.placement.accept_types)
        yield "types", f"type is {kind}, but this dialog takes {taken}."
    needed = _NEEDED.get(str(kind))
    if needed and not item.get(needed):
        yield "items", f"{needed} is missing."
    for name, value in item.items():
        if value is None:
            yield "null", f"{name} is null."
    custom = item.get("custom", {})
    if not isinstance(custom, dict):
        yield "items", "custom is not an object."
    elif not all(isinstance(value, str) for value in custom.values()):
        yield "custom", "custom holds a value that is no string (ClassCastException)."
    url = item.get("url")
    if url and kind == "ltiResourceLink":
        host = urlsplit(str(url)).hostname
        if host != urlsplit(platform.tool_url).hostname:
            yield "url", f"{url} is not on the tool's domain, so its launches would not find it."
    if "lineItem" in item:
        yield from _column_breaches(dialog, item["lineItem"])


def _column_breaches(dialog: Dialog, column: Any) -> Iterator[tuple[str, str]]:
    if dialog.placement.lineitem is False:
        yield "lineitem", "a lineItem comes although none is accepted."
    maximum = column.get("scoreMaximum") if isinstance(column, dict) else None
    if not isinstance(maximum, int | float) or maximum <= 0:
        yield "items", "the lineItem has no scoreMaximum above 0."
