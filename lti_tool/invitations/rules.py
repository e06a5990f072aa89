"""The law of invitations, over plain values: no framework, no database, no clock of its own.

All times are aware UTC. The order of the tests in ``judge`` is the order of the table of verdicts;
it decides what a person reads when several things are wrong at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from lti_tool.invitations.domains import domain_permitted
from lti_tool.invitations.link_terms import UNLIMITED
from lti_tool.media.rules import Kind, Role, roles_of
from lti_tool.people.search import texts_of

LONGEST_NAME = 100

ASK_AGAIN_AFTER = timedelta(hours=1)
LOST_ANSWER = timedelta(minutes=10)
"""How long after a use of a link its device may ask again for an answer that did not arrive."""
MONTHS_KEPT = 13
"""How long what an invitee told us is kept after the invitation has ended."""


class Verdict(StrEnum):
    """The answer to one attempt to use a link.

    Each has one page and one status.
    """

    UNKNOWN = "unknown"
    SWITCHED_OFF = "switched_off"
    REMOVED = "removed"
    OWN_SESSION = "own_session"
    EXPIRED = "expired"
    REST = "rest"
    WRONG_EMAIL = "wrong_email"
    DOMAIN_REFUSED = "domain_refused"
    OTHER_DEVICE = "other_device"
    USED_UP = "used_up"
    ADMITTED = "admitted"

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return _STATUS[self]

    @property
    def page(self) -> str:
        """The template of the answer; the two that let somebody in redirect and have none."""
        return f"invitations/refusals/{self.value}.html"

    @property
    def offers_new_link(self) -> bool:
        """Whether the page offers to ask the inviter for a new link."""
        return self in (Verdict.EXPIRED, Verdict.OTHER_DEVICE, Verdict.USED_UP)


_STATUS = {
    Verdict.UNKNOWN: 404,
    Verdict.SWITCHED_OFF: 410,
    Verdict.REMOVED: 410,
    Verdict.OWN_SESSION: 303,
    Verdict.EXPIRED: 410,
    Verdict.REST: 429,
    Verdict.WRONG_EMAIL: 403,
    Verdict.DOMAIN_REFUSED: 403,
    Verdict.OTHER_DEVICE: 403,
    Verdict.USED_UP: 410,
    Verdict.ADMITTED: 303,
}


@dataclass(frozen=True)
class Device:
    """What an invitation is bound to: a browser's key (thumbprint) or a cookie secret (hash)."""

    kind: Literal["key", "cookie"]
    hash: str


@dataclass(frozen=True)
class Presented:
    """What one request proves about its browser.

    The cookie may have been made for this answer.
    """

    key: str | None
    cookie: str

    def binding(self) -> Device:
        """Choose what a first redemption binds: the key where the browser has one."""
        return Device("key", self.key) if self.key else Device("cookie", self.cookie)

    def used(self, bound: Device | None) -> Device:
        """Tell which device a redemption was made from: the bound one as it was bound.

        So one browser, once with script and once without, is not counted as two.
        """
        return bound if bound is not None and self.is_device(bound) else self.binding()

    def is_device(self, bound: Device) -> bool:
        """Tell whether this is the bound device.

        Where a key is bound, a cookie does not count.
        """
        return (self.key if bound.kind == "key" else self.cookie) == bound.hash


@dataclass(frozen=True)
class Link:
    """One invitation as its link finds it."""

    match: str
    """What a typed address is compared with (``emails.match_form``)."""
    domain: str
    expires_at: datetime
    uses_allowed: int
    """-1: unlimited."""
    uses_made: int
    removed: bool
    """Revoked, replaced by a newer link, or its media deleted."""
    device: Device | None


@dataclass(frozen=True)
class Policy:
    """The institution's settings as they stand now."""

    switched_on: bool
    """The module and the registration."""
    asks_email: bool
    one_device: bool
    allowed_domains: Collection[str] = ()
    blocked_domains: Collection[str] = ()


@dataclass(frozen=True)
class Attempt:
    """One POST to a link."""

    typed: str | None
    """The address that was typed, in its match form; None for what is no single address."""
    presented: Presented
    own_session: bool = False
    """This browser already holds a running session that this very link opened."""
    trusted: bool = False
    """The institution trusts its LMS, which says that this person has the invited address."""
    rests_until: datetime | None = None
    unanswered: bool = False
    """This device has used the link less than ``LOST_ANSWER`` ago, and no request has come with
    the session that it was given: the answer was lost, and the use is still its own."""


def greet(link: Link | None, policy: Policy, own_session: bool, now: datetime) -> Verdict | None:
    """Return what is said at once when a link is opened, or None: then the page asks."""
    if link is None:
        return Verdict.UNKNOWN
    if not policy.switched_on:
        return Verdict.SWITCHED_OFF
    if link.removed:
        return Verdict.REMOVED
    if own_session:
        return Verdict.OWN_SESSION
    if is_expired(link, now):
        return Verdict.EXPIRED
    return None


def judge(link: Link | None, policy: Policy, attempt: Attempt, now: datetime) -> Verdict:
    """Return the verdict on one attempt: the first of the table that applies."""
    early = greet(link, policy, attempt.own_session, now)
    if early is not None or link is None:
        return early or Verdict.UNKNOWN
    resting = attempt.rests_until is not None and now < attempt.rests_until
    if resting and not is_bound(link, attempt):
        return Verdict.REST
    if policy.asks_email and not attempt.trusted and attempt.typed != link.match:
        return Verdict.WRONG_EMAIL
    if not domain_permitted(link.domain, policy.allowed_domains, policy.blocked_domains):
        return Verdict.DOMAIN_REFUSED
    if policy.one_device and link.device and not attempt.presented.is_device(link.device):
        return Verdict.OTHER_DEVICE
    if not attempt.unanswered and not has_uses_left(link):
        return Verdict.USED_UP
    return Verdict.ADMITTED


def is_bound(link: Link, attempt: Attempt) -> bool:
    """Tell whether the attempt comes from the device the invitation is bound to."""
    return link.device is not None and attempt.presented.is_device(link.device)


def may_ask_again(asked_at: datetime | None, now: datetime) -> bool:
    """Tell whether a wish for a new link would be noted now: once an hour it is."""
    return asked_at is None or now >= asked_at + ASK_AGAIN_AFTER


def is_expired(link: Link, now: datetime) -> bool:
    """Tell whether a link is over: it is good before its end, not at it."""
    return now >= link.expires_at


def has_uses_left(link: Link) -> bool:
    """Tell whether one more redemption is allowed."""
    return link.uses_allowed == UNLIMITED or link.uses_made < link.uses_allowed


class Ending(StrEnum):
    """Why a guest's access is over, as the guest reads it."""

    SWITCHED_OFF = "switched_off"
    DELETED = "deleted"
    REVOKED = "revoked"
    REPLACED = "replaced"
    """By a newer link."""
    RESET = "reset"
    """The device was freed, and those who had come in with it come in again."""
    INTERRUPTED = "interrupted"
    """The LMS was switched off in between."""
    OVER = "over"
    """Its time is over."""


def ending_of(
    *,
    switched_on: bool,
    deleted: bool,
    revoked: bool,
    replaced: bool,
    withdrawn: bool,
    cut_off: bool,
) -> Ending:
    """Return the first reason that applies.

    ``withdrawn``: the inviter ended it; ``cut_off``: something else did, before its time.
    """
    if not switched_on:
        return Ending.SWITCHED_OFF
    if deleted:
        return Ending.DELETED
    if revoked:
        return Ending.REVOKED
    if replaced:
        return Ending.REPLACED
    if withdrawn:
        return Ending.RESET
    return Ending.INTERRUPTED if cut_off else Ending.OVER


class State(StrEnum):
    """The life of an invitation as its inviter reads it."""

    PENDING = "pending"
    REDEEMED = "redeemed"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


def state_of(link: Link, now: datetime) -> State:
    """Return the one word that stands in the list of invitations."""
    if link.removed:
        return State.REVOKED
    if is_expired(link, now):
        return State.EXPIRED
    if not has_uses_left(link):
        return State.USED_UP
    return State.REDEEMED if link.uses_made else State.PENDING


def link_end(generated_at: datetime, duration_minutes: int) -> datetime:
    """Return when a link generated now stops being redeemable."""
    return generated_at + timedelta(minutes=duration_minutes)


def forget_before(now: datetime) -> datetime:
    """Return the moment before which an invitation must have ended to be forgotten now."""
    months = now.year * 12 + now.month - 1 - MONTHS_KEPT
    year, month = divmod(months, 12)
    # The last days of a month have no counterpart in a shorter one: take its 28th, never more.
    return now.replace(year=year, month=month + 1, day=min(now.day, 28))


def search_text(email: str, first_name: str, last_name: str) -> str:
    """List what an invitee is found by: each text that what is typed may begin, on its own line."""
    return "".join(f"\n{text}" for text in texts_of(first_name, last_name, "", email))


_REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_SUFFIXES = frozenset(
    {
        "PhD", "PHD", "phd", "MD", "MA", "BA", "MSc", "BSc", "MS", "BS",
        "MBA", "MPhil", "DPhil", "EdD", "DBA", "JD", "LLM", "LLB", "DDS", "RN",
        "Esq", "Jr", "jr", "Sr", "sr", "II", "III", "IV", "Dr", "Prof",
    }
)  # fmt: skip
"""What stands behind a name: degrees and the like, as they are written (Ma and Md are names)."""
_MOST_FIRST_NAMES = 3


def first_and_last_name(given: str, family: str, whole: str) -> tuple[str, str]:
    """Find the two names that an invitation wants of somebody.

    Where only the whole name is known, its last word, or what stands before a comma, is taken for
    the family's; degrees behind a comma and remarks in brackets belong to neither. Whoever has one
    name has a first one, whichever the LMS calls it. (The window does the same: ``address.ts``.)
    """
    if whole and whole in (given, family) and not (given and family):
        return whole, ""
    if given or family:
        return given, family
    bare = _REMARK.sub("", whole).strip() or whole
    before, *behind = [part.strip() for part in bare.split(",") if part.strip()] or [""]
    first = " ".join(part for part in behind if not _is_suffix(part))
    if first and len(first.split()) <= _MOST_FIRST_NAMES:
        return first, before
    first, _space, last = before.rpartition(" ")
    return (first.strip(), last) if first else (last, "")


def _is_suffix(part: str) -> bool:
    words = part.replace(".", "").split()
    return "".join(words) in _SUFFIXES or all(word in _SUFFIXES for word in words)


def types_offered(kind: Kind) -> tuple[Role, ...]:
    """Return the invitation types of a kind of media in the order of the window; viewer first."""
    offered = roles_of(kind)
    return tuple(role for role in Role if role in offered)


_CONTRIBUTORS = frozenset({"assistant", "designer", "manager", "administrator"})
_MANAGERS = frozenset({"manager", "administrator"})


MINIMAL_ROLES = ("contributor", "manager", "administrator")


@dataclass(frozen=True)
class AllowedUsers:
    """Who may invite besides being related to the item: a minimal role, or named people."""

    minimal: str | None
    """One of MINIMAL_ROLES, or None: then the people decide."""
    people: frozenset[str] = frozenset()
    """LMS user ids."""


def read_allowed_users(words: Iterable[str]) -> AllowedUsers:
    """Read the setting: exactly one of three words, or LMS user ids."""
    listed = list(words)
    if len(listed) == 1 and listed[0] in MINIMAL_ROLES:
        return AllowedUsers(minimal=listed[0])
    return AllowedUsers(minimal=None, people=frozenset(listed))


def may_invite(
    *,
    module_on: bool,
    related: bool,
    owns: bool,
    standing: str,
    user_id: str | None,
    allowed: AllowedUsers,
) -> bool:
    """Tell whether somebody may invite to an item.

    ``related``: owner, co-owner, co-editor or co-publisher. ``standing`` is that of the session's
    own course. Module and relation are needed always; ``allowed`` narrows them.
    """
    if not (module_on and related):
        return False
    if allowed.minimal is None:
        return user_id is not None and user_id in allowed.people
    if allowed.minimal == "contributor":
        return owns or standing in _CONTRIBUTORS
    if allowed.minimal == "manager":
        return standing in _MANAGERS
    return standing == "administrator"
