"""Why a login or a launch is refused: a word for the log, a page for the person."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core.web.problems import Problem
from lti_tool.lti.rules import ClaimError


def again(reason: str, status: int = 400) -> Problem:
    """Refuse a launch that is stale, was used, or is another browser's: start from the course."""
    return Problem(
        status,
        reason,
        _("This launch has expired"),
        _(
            "Each launch from your course works once, for a few minutes, and only in the browser "
            "where it started. Go back to your course and open the item again."
        ),
    )


def unknown_platform() -> Problem:
    return Problem(
        400,
        "unknown-platform",
        _("This learning platform is not registered here"),
        _(
            "The tool does not know the platform you came from, or it was switched off. Tell the"
            " administrator of your platform: its issuer and client id must be registered."
        ),
    )


def incomplete(name: str) -> Problem:
    return Problem(
        400,
        "incomplete-login",
        _("The learning platform sent an incomplete request"),
        _("“%(name)s” is missing. Open the item again from your course.", name=name),
    )


def malformed(name: str) -> Problem:
    return Problem(
        400,
        "malformed-login",
        _("The learning platform sent a request that cannot be read"),
        _("“%(name)s” is not text. Open the item again from your course.", name=name),
    )


def platform_error(code: str, said: str = "") -> Problem:
    """Report that the platform itself refused (OpenID Connect Core §3.1.2.6).

    ``code`` is as ``rules.error_code`` gives it; one without a sentence of its own is shown. So is
    what the platform ``said`` besides.
    """
    by_code = {
        "login_required": (
            _("Your platform says that you are not signed in there any more."),
            _("Reload the course page and open the item again."),
        ),
        "access_denied": (
            _("Your platform says that you may not open this."),
            _("Reload the course page and open the item again."),
        ),
        "launch_no_longer_valid": (
            _("Your platform says that this launch was already used."),
            _("Reload the course page and open the item again."),
        ),
        **dict.fromkeys(_SIGN_IN, _sign_in(code)),
        **dict.fromkeys(_SWITCHED_OFF, _switched_off(code)),
        **dict.fromkeys(_SET_UP_WRONGLY, _set_up_wrongly(code)),
        **dict.fromkeys(_TROUBLE, _in_trouble(code)),
    }
    sentence, advice = by_code.get(code) or _unknown(code)
    quoted = _("It says: “%(said)s”", said=said) if said else ""
    return Problem(
        400,
        "platform-error",
        _("Your learning platform did not let you through"),
        " ".join(filter(None, (sentence, quoted, advice))),
    )


_SIGN_IN = ("interaction_required", "consent_required", "account_selection_required")
_SWITCHED_OFF = ("unauthorized_client", "invalid_client")
_SET_UP_WRONGLY = (
    "invalid_request",
    "invalid_scope",
    "invalid_request_object",
    "unsupported_response_type",
    "request_not_supported",
)
_TROUBLE = ("server_error", "temporarily_unavailable")


def _sign_in(code: str) -> tuple[str, str]:
    return (
        _("Your platform wants to ask you something first (“%(code)s”).", code=code),
        _(
            "Sign in to your platform in a tab of its own, then open the item from your course"
            " again."
        ),
    )


def _switched_off(code: str) -> tuple[str, str]:
    return (
        _("In your platform this tool is switched off, or not set up for your course."),
        _(
            "To open it again does not help. Tell the administrator of your platform: its entry for"
            " this tool must be on (“%(code)s”; in Canvas: the developer key).",
            code=code,
        ),
    )


def _set_up_wrongly(code: str) -> tuple[str, str]:
    return (
        _("Your platform does not accept how this tool asks it (“%(code)s”).", code=code),
        _(
            "Open it again from your course: after going back in the browser, that is enough. If"
            " this page comes again, tell the administrator of your platform: the addresses that it"
            " has of this tool must be those that the tool shows."
        ),
    )


def _in_trouble(code: str) -> tuple[str, str]:
    return (
        _("Your platform has trouble of its own just now (“%(code)s”).", code=code),
        _("Wait a few minutes, then open the item from your course again."),
    )


def _unknown(code: str) -> tuple[str, str]:
    said = _("Your platform reported an error.")
    if code:
        said = _("Your platform reported the error “%(code)s”.", code=code)
    return said, _("Reload the course page and open the item again.")


def copied_platform(stage: str) -> Problem:
    """Refuse a copy of a platform, made to try things in, that only the real one is known of."""
    return Problem(
        400,
        "copied-platform",
        _("This is a copy of your learning platform"),
        _(
            "This tool knows the real platform, but not this copy (“%(stage)s”). Open the item in"
            " the real platform. To try the tool in the copy too, your administrator must register"
            " the copy with it.",
            stage=stage,
        ),
    )


def link_of_copied_platform(stage: str) -> Problem:
    """Say what is shown in such a copy where a link leads to what belongs to the real platform."""
    return Problem(
        404,
        "link-of-copied-platform",
        _("This is a copy of your learning platform"),
        _(
            "This copy (“%(stage)s”) has the links of the real platform, and the media they lead to"
            " belong there. Open the item in the real platform; what you add in the copy opens in"
            " the copy.",
            stage=stage,
        ),
    )


def unverified(error: ClaimError) -> Problem:
    """Refuse a message that is not acceptable.

    The page names the part an administrator must look at.
    """
    if error.part == "sub-absent":
        return Problem(
            403,
            "anonymous-launch",
            _("Please sign in to your platform first"),
            _("The platform did not say who you are. Sign in there and open the item again."),
        )
    if error.part == "message_type":
        return Problem(
            400,
            "unsupported-message",
            _("The tool cannot be used in this place"),
            _("Your platform asked for something the tool does not offer. Open a media item."),
        )
    return Problem(
        401 if error.untrusted else 400,
        "launch-refused",
        _("The message from your platform could not be accepted"),
        _(
            "Open the item again from your course. If it happens again, tell your administrator:"
            " the problem is in “%(part)s”.",
            part=error.part,
        ),
    )


def no_place() -> Problem:
    return Problem(
        400,
        "no-place",
        _("Your platform did not say what to open"),
        _(
            "The message names neither a link nor a course. Open the item from inside a course; if"
            " you came from there, tell your administrator that this place cannot be used."
        ),
    )


def keys_unavailable() -> Problem:
    return Problem(
        502,
        "platform-keys-unavailable",
        _("The keys of your learning platform could not be read"),
        _("This usually passes quickly. Open the item again in a minute."),
    )


def unknown_deployment(deployment_id: str) -> Problem:
    return Problem(
        403,
        "unknown-deployment",
        _("The tool is not yet approved for this place"),
        _(
            "An administrator must approve the deployment “%(id)s” before it can be used. Pass this"
            " on to them; then open the item again from your course.",
            id=deployment_id,
        ),
    )


def deployment_off(deployment_id: str) -> Problem:
    return Problem(
        403,
        "deployment-off",
        _("The tool is switched off for this place"),
        _(
            "Your course came from the deployment “%(id)s”, which an administrator has switched"
            " off. Ask them if you still need it.",
            id=deployment_id,
        ),
    )


def unsigned() -> Problem:
    """Refuse to answer a dialog, since nothing may be signed."""
    return Problem(
        403,
        "dialog-unsigned",
        _("Your platform cannot be told from another one"),
        _(
            "What Foyer signs for it would be good at another platform too, so it signs nothing."
            " Tell your administrator: “flask platform check” says what to do."
        ),
    )
