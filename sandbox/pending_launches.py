"""Pending launches: begun by a login, ended by the one authentication request they allow."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sandbox.courses import Course, Link
from sandbox.dialogs import Dialog
from sandbox.keys import SigningKey
from sandbox.people import User
from sandbox.schools import School


class TokenOptions(TypedDict, total=False):
    """How an id_token shall differ from an honest one.

    claims        put in, over the honest ones; short names ("roles", "context") are allowed
    drop          claims left out, e.g. ("exp", "context")
    payload       the whole payload, instead of honest claims (`claims` and `drop` still apply)
    headers       put into the JWS header, e.g. {"kid": "unknown"}
    drop_headers  left out of the header, e.g. ("kid",)
    key           SigningKey or bytes that signs instead of the platform's current key
    alg           "RS256", "RS384", "RS512", "HS256", "HS384", "HS512" or "none": signs so, and
                  says so in the header unless `headers` says otherwise. HS* without `key` uses
                  the platform's public PEM as the secret.
    issued_at     when the token pretends to be made (aware datetime); `exp` moves along
    """

    claims: Mapping[str, Any]
    drop: tuple[str, ...] | list[str]
    payload: Mapping[str, Any]
    headers: Mapping[str, Any]
    drop_headers: tuple[str, ...] | list[str]
    key: SigningKey | bytes
    alg: str
    issued_at: datetime


class LaunchOptions(TokenOptions, total=False):
    """TokenOptions, and `fields`: changes to the form that is posted to the tool.

    None takes a field out: fields={"id_token": None, "error": "login_required"} is a platform
    that says no.
    """

    fields: Mapping[str, str | None]


class Occasion(TypedDict, total=False):
    """How a launch came about, besides who opened what.

    placement        a dialog's button ("editor_button") or the entry in the course's menu
    course           the course in which a dialog is opened; the first one unless named
    locale           the person's language as a BCP 47 tag; their own unless given
    acting           the id of whoever acts as the person (masquerading)
    document_target  "iframe" or "window"
    options          how this launch shall differ from an honest one
    """

    placement: str
    course: str | Course | None
    locale: str
    acting: str
    document_target: str
    options: LaunchOptions


@dataclass(frozen=True)
class PendingLaunch:
    """One launch between login and authentication request."""

    school: School
    user: User
    link: Link
    target_link_uri: str
    document_target: str
    begun: datetime
    placement: str = ""
    dialog: Dialog | None = None
    locale: str = ""
    acting: User | None = None
    options: LaunchOptions = field(default_factory=LaunchOptions)


@dataclass
class PendingLaunches:
    """Keeps pending launches in memory for `life`; each can be taken once."""

    life: timedelta = timedelta(minutes=10)
    _entries: dict[str, PendingLaunch] = field(default_factory=dict)
    _options: deque[LaunchOptions] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, launch: PendingLaunch) -> str:
        """Remember a launch; the answer is its hint."""
        hint = secrets.token_urlsafe(16)
        with self._lock:
            dead = [h for h, w in self._entries.items() if w.begun + self.life < launch.begun]
            for old in dead:
                del self._entries[old]
            self._entries[hint] = launch
        return hint

    def look(self, hint: str) -> PendingLaunch | None:
        with self._lock:
            return self._entries.get(hint)

    def take(self, hint: str, now: datetime, *, once: bool = True) -> PendingLaunch | None:
        """Return the launch of this hint while it is fresh; once, unless that does not matter."""
        with self._lock:
            launch = self._entries.pop(hint, None) if once else self._entries.get(hint)
        if launch is None or launch.begun + self.life < now:
            return None
        return launch

    def prepare(self, options: LaunchOptions) -> None:
        """Let the next launch that is answered differ by `options`. Several calls queue up."""
        with self._lock:
            self._options.append(options)

    def next_options(self) -> LaunchOptions:
        with self._lock:
            return self._options.popleft() if self._options else LaunchOptions()
