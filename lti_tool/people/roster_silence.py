"""What the list of an LMS does not tell of somebody, and an earlier launch of theirs did.

There are LMSs that tell addresses with each launch and never in a list (Moodle can be set so): of
those a list that is silent says nothing. Where it told something before, or where launches are
silent as well by now, the LMS no longer wants it told: then it is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from lti_tool.core.clock import now
from lti_tool.core.db.session import db
from lti_tool.people.models import Person
from lti_tool.people.rules import LAUNCH_SESSION_LIFE


@dataclass(frozen=True)
class Launches:
    """What launches of a registration have told: of late, and each since the list was read."""

    registration_id: str
    tell_addresses: bool
    tell_names: bool
    since: datetime
    """A later launch knows more of somebody than the list does."""

    def addresses(self, subs: Collection[str], ceased: Collection[str]) -> dict[str, str | None]:
        """Find the addresses of whom the list names without one; ``ceased``: no longer with one."""
        found = db.session.execute(
            select(Person.sub, Person.email, Person.seen_at).where(
                Person.registration_id == self.registration_id, Person.sub.in_(subs)
            )
        )
        return {
            str(sub): email
            for sub, email, seen_at in found
            if seen_at > self.since or (self.tell_addresses and sub not in ceased)
        }

    def forget_addresses(self, subs: Collection[str], ceased: Collection[str]) -> None:
        """Forget the addresses that the LMS no longer tells, in the running transaction."""
        self._forget(ceased if self.tell_addresses else subs, {"email": None})

    def forget_names(self, subs: Collection[str], ceased: Collection[str]) -> None:
        """Forget the names likewise."""
        nothing = dict.fromkeys(("name", "given_name", "family_name"), "")
        self._forget(ceased if self.tell_names else subs, nothing)

    def _forget(self, subs: Collection[str], nothing: dict[str, Any]) -> None:
        if not subs:
            return
        db.session.execute(
            update(Person)
            .where(
                Person.registration_id == self.registration_id,
                Person.sub.in_(subs),
                Person.seen_at <= self.since,
            )
            .values(nothing)
            .execution_options(synchronize_session=False)
        )


def launches_of(registration_id: str, listed_at: datetime | None) -> Launches:
    """Read what the launches of late have told, as long as their sessions may run.

    ``listed_at`` is when the list was read last, if it was.
    """
    oldest = now() - LAUNCH_SESSION_LIFE
    addresses, names = db.session.execute(
        select(func.count(Person.email), func.count(func.nullif(Person.name, ""))).where(
            Person.registration_id == registration_id, Person.seen_at > oldest
        )
    ).one()
    since = max(oldest, listed_at) if listed_at is not None else oldest
    return Launches(registration_id, addresses > 0, names > 0, since)
