"""What an institution decides about invitations, as its administrator reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lti_tool.core.institutions import Setting, SettingError, register, settings_of
from lti_tool.invitations.domains import InvalidDomain, normalise_domain
from lti_tool.invitations.link_terms import MOST_USES, UNLIMITED, LinkTerms
from lti_tool.invitations.rules import (
    MINIMAL_ROLES,
    AllowedUsers,
    Policy,
    read_allowed_users,
)

GROUP = lazy_gettext("Invitations")
A_YEAR_IN_MINUTES = 366 * 24 * 60
WEEK_IN_HOURS = 7 * 24


@dataclass(frozen=True)
class InvitationSettings:
    """The settings of one institution, in the types of this room."""

    enabled: bool
    most: LinkTerms
    """How long and how often a link may work; inviters may choose less."""
    one_device: bool
    allowed_users: AllowedUsers
    asks_email: bool
    inviter_shown: bool
    lms_email_trusted: bool
    allowed_domains: tuple[str, ...]
    blocked_domains: tuple[str, ...]
    guest_idle: timedelta

    def policy(self, *, switched_on: bool) -> Policy:
        """Give what a verdict looks at; ``switched_on`` says whether the registration is."""
        return Policy(
            switched_on=self.enabled and switched_on,
            asks_email=self.asks_email,
            one_device=self.one_device,
            allowed_domains=self.allowed_domains,
            blocked_domains=self.blocked_domains,
        )


def invitation_settings(institution_id: str) -> InvitationSettings:
    """Return the settings in force now."""
    values: dict[str, Any] = dict(settings_of(institution_id))
    return InvitationSettings(
        enabled=values["enable"],
        most=LinkTerms(values["link_duration"], values["link_reusability"]),
        one_device=values["one_device"],
        allowed_users=read_allowed_users(values["allowed_users"]),
        asks_email=values["email_check"] == "typed",
        inviter_shown=values["inviter_shown"],
        lms_email_trusted=values["lms_email_trusted"],
        allowed_domains=tuple(values["allowed_email_domains"]),
        blocked_domains=tuple(values["blocked_email_domains"]),
        guest_idle=timedelta(hours=values["guest_session"]),
    )


def _domains(names: list[str]) -> Any:
    try:
        return sorted({normalise_domain(name) for name in names})
    except InvalidDomain as error:
        raise SettingError(
            _(
                "“%(name)s” is not a domain name. Type names such as uni.edu, separated by commas.",
                name=error.text,
            )
        ) from error


def _allowed_users(words: list[str]) -> Any:
    if not words:
        raise SettingError(
            _("Choose contributor, manager or administrator, or give the LMS user ids of people.")
        )
    lowered = [word.lower().removesuffix("s") for word in words]  # the page speaks of managers
    roles = [word for word in lowered if word in MINIMAL_ROLES]
    if roles and len(words) > 1:
        raise SettingError(_("Type either one role or a list of people, not both."))
    return lowered if roles else words


def register_settings(app: Flask) -> None:
    """Declare the settings of this room; called once when the app is made."""
    register(
        app,
        Setting(
            name="enable",
            group=GROUP,
            label=lazy_gettext("Enable invitations"),
            help=lazy_gettext(
                "Off: nobody can invite, and links already sent say “switched off” until this is "
                "on again. People who are already in stay until their session ends."
            ),
            kind="switch",
            default=True,
        ),
        Setting(
            name="link_duration",
            group=GROUP,
            label=lazy_gettext("Link duration"),
            help=lazy_gettext(
                "How long a link can be used; inviters may choose a shorter time. A change applies "
                "to links made from then on."
            ),
            kind="duration",
            default=1440,
            minimum=1,
            maximum=A_YEAR_IN_MINUTES,
            unit="minutes",
        ),
        Setting(
            name="link_reusability",
            group=GROUP,
            label=lazy_gettext("Link reusability"),
            help=lazy_gettext(
                "How many times a link lets its invitee in; inviters may choose fewer. Returning "
                "to a session that is still running does not count. A change applies to links made "
                "from then on."
            ),
            kind="number",
            default=1,
            minimum=1,
            maximum=MOST_USES,
            unlimited=True,
            unit=lazy_gettext("times"),
            warnings=(
                (
                    str(UNLIMITED),
                    lazy_gettext("A link can be used any number of times until it expires."),
                ),
            ),
        ),
        Setting(
            name="one_device",
            group=GROUP,
            label=lazy_gettext("One device"),
            help=lazy_gettext("Every use of a link must come from the device that used it first."),
            kind="switch",
            default=True,
            warnings=(
                ("off", lazy_gettext("A link that is passed on can be used on another device.")),
            ),
        ),
        Setting(
            name="allowed_users",
            group=GROUP,
            label=lazy_gettext("Allowed users"),
            help=lazy_gettext("Who may invite to media that they own or look after."),
            kind="words",
            default=["manager"],
            choices=(
                (
                    "contributor",
                    lazy_gettext(
                        "Contributors and above: teaching assistants, course designers, the "
                        "media's owner"
                    ),
                ),
                ("manager", lazy_gettext("Managers and above: instructors")),
                ("administrator", lazy_gettext("Administrators only")),
            ),
            instead=lazy_gettext("Only these people, by their LMS user ids, separated by commas"),
            check=_allowed_users,
        ),
        Setting(
            name="email_check",
            group=GROUP,
            label=lazy_gettext("E-mail check"),
            help=lazy_gettext("What invitees are asked before they get in."),
            kind="choice",
            default="typed",
            choices=(
                ("typed", lazy_gettext("Type the e-mail address that was invited")),
                ("off", lazy_gettext("Nothing: a button on a second page lets them in")),
            ),
            warnings=(
                (
                    "off",
                    lazy_gettext(
                        "Anyone who has a link gets in as the invitee, even without knowing whom "
                        "it was meant for."
                    ),
                ),
            ),
        ),
        Setting(
            name="inviter_shown",
            group=GROUP,
            label=lazy_gettext("Inviter’s name on the opening page"),
            help=lazy_gettext(
                "The page that a link opens says who invited, so that invitees know whom it comes "
                "from. Whoever has the link can read it."
            ),
            kind="switch",
            default=True,
        ),
        Setting(
            name="lms_email_trusted",
            group=GROUP,
            label=lazy_gettext("Trust LMS e-mails"),
            help=lazy_gettext(
                "Someone who comes from the LMS and has the invited address there counts as the "
                "invitee without typing it."
            ),
            kind="switch",
            default=False,
            warnings=(
                (
                    "on",
                    lazy_gettext(
                        "Leave this off if people can change their e-mail address in the LMS "
                        "without proving that it is theirs."
                    ),
                ),
            ),
        ),
        Setting(
            name="allowed_email_domains",
            group=GROUP,
            label=lazy_gettext("Allowed e-mail domains"),
            help=lazy_gettext(
                "Only addresses of these domains and their sub-domains can be invited. Empty: "
                "all. For example: uni.edu, partner.org"
            ),
            kind="words",
            default=[],
            check=_domains,
        ),
        Setting(
            name="blocked_email_domains",
            group=GROUP,
            label=lazy_gettext("Blocked e-mail domains"),
            help=lazy_gettext(
                "Addresses of these domains and their sub-domains cannot be invited, and links "
                "sent to them stop working. A blocked domain wins over an allowed one."
            ),
            kind="words",
            default=[],
            check=_domains,
        ),
        Setting(
            name="guest_session",
            group=GROUP,
            label=lazy_gettext("Guest session"),
            help=lazy_gettext(
                "After how long without activity an invitee has to come in again, once the link "
                "itself has expired. Seven days after coming in at the latest."
            ),
            kind="duration",
            default=12,
            minimum=1,
            maximum=WEEK_IN_HOURS,
            unit="hours",
        ),
    )
