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


def platform_error(code: str) -> Problem:
    """Report that the platform itself refused, by POST (OpenID Connect Core §3.1.2.6).

    ``code`` is as ``rules.error_code`` gives it; one without a sentence of its own is shown.
    """
    sentences = {
        "login_required": _("Your platform says that you are not signed in there any more."),
        "access_denied": _("Your platform says that you may not open this."),
        "launch_no_longer_valid": _("Your platform says that this launch was already used."),
    }
    unknown = _("Your platform reported an error.")
    if code:
        unknown = _("Your platform reported the error “%(code)s”.", code=code)
    said = sentences.get(code, unknown)
    return Problem(
        400,
        "platform-error",
        _("Your learning platform did not let you through"),
        said + " " + _("Reload the course page and open the item again."),
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
