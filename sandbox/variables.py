"""Substitution variables in custom parameters (LTI Core 1.3, appendix E)."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.profiles.base import LaunchFacts, Profile


def replaced(facts: LaunchFacts, profile: Profile) -> dict[str, str]:
    """Return a launch's custom parameters; a variable the product does not know stays as it is."""
    known = {name: v for name, v in _values(facts, profile).items() if name in profile.variables}
    return {key: known.get(value, value) for key, value in facts.custom.items()}


def _values(facts: LaunchFacts, profile: Profile) -> Mapping[str, str]:
    user, course, link = facts.user, facts.course, facts.link
    personal = profile.person_claims(user, facts.privacy)
    values = {
        "$Context.id": profile.context_id(course),
        "$Context.title": course.title,
        "$Context.label": course.label,
        "$Context.id.history": ",".join(course.history),
        "$ResourceLink.id": profile.link_id(link, course),
        "$ResourceLink.title": link.title,
        "$ResourceLink.id.history": ",".join(link.history),
        "$User.id": profile.sub(facts.base_url, user, facts.faults),
        "$User.username": user.id if personal else "",
        "$Person.name.full": personal.get("name", ""),
        "$Person.name.given": personal.get("given_name", ""),
        "$Person.name.family": personal.get("family_name", ""),
        "$Person.email.primary": personal.get("email", ""),
        "$Canvas.course.id": course.id,
        "$Canvas.user.id": user.sub,
    }
    if facts.acting:
        values["$Canvas.masqueradingUser.id"] = facts.acting.sub
        values["$Canvas.masqueradingUser.userId"] = profile.sub(
            facts.base_url, facts.acting, facts.faults
        )
    return values
