"""Why an LMS is not registered: a word for the log, a page for its administrator."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core.web.problems import Problem


def incomplete() -> Problem:
    return Problem(
        400,
        "registration-incomplete",
        _("Your learning platform did not say where it can be asked"),
        _(
            "Registration is started inside your learning platform: enter this page's address"
            " there. The page “Register Foyer in your learning platform” says where."
        ),
    )


def unencrypted() -> Problem:
    return Problem(
        400,
        "registration-unencrypted",
        _("Your learning platform gives an address without https"),
        _(
            "Foyer is registered only with platforms that are reached by https. Set the platform's"
            " own address to https, which is often forgotten behind a proxy; then start again."
        ),
    )


def busy() -> Problem:
    return Problem(
        503,
        "registration-busy",
        _("Others are being registered just now"),
        _("Wait a minute, then start the registration in your learning platform again."),
        retry_after=60,
    )


def queue_full() -> Problem:
    return Problem(
        503,
        "registration-queue-full",
        _("Too many registrations are waiting for approval"),
        _("Ask the people who run Foyer for an activation code. With it you can register at once."),
    )


def unreachable(host: str, reason: str) -> Problem:
    """Say that the LMS cannot be reached; ``reason`` is a ``FetchError``'s."""
    sentences = {
        "timeout": _("%(host)s did not answer in time.", host=host),
        "status": _("%(host)s did not give out its settings.", host=host),
        "not-json": _("%(host)s answered with something that cannot be read.", host=host),
        "too-large": _("%(host)s answered with more than can be read.", host=host),
        "address": _("The address of %(host)s does not begin with https://.", host=host),
        "certificate": _("The certificate of %(host)s cannot be trusted.", host=host),
    }
    said = sentences.get(reason, _("%(host)s could not be reached from here.", host=host))
    return Problem(
        502,
        "registration-unreachable",
        _("Your learning platform could not be asked"),
        said
        + " "
        + _(
            "Start the registration in your learning platform again; each start is good for about"
            " an hour. If it happens again, give the people who run Foyer the reference below."
        ),
    )


def unfit(part: str) -> Problem:
    return Problem(
        400,
        "registration-unfit",
        _("Your learning platform left something out"),
        _(
            "What it said about itself lacks a usable “%(part)s”. Register by hand instead, or ask"
            " the makers of your platform.",
            part=part,
        ),
    )


def foreign_issuer(host: str) -> Problem:
    return Problem(
        400,
        "registration-issuer",
        _("Your learning platform calls itself by another name"),
        _(
            "The settings came from %(host)s, but name an issuer elsewhere. That is refused, so"
            " that nobody can pass for another platform. Register by hand, or set the platform's"
            " own address right.",
            host=host,
        ),
    )


def elsewhere(host: str, part: str) -> Problem:
    return Problem(
        400,
        "registration-elsewhere",
        _("Your learning platform points to somebody else"),
        _(
            "The settings of %(host)s name an address on a foreign server (“%(part)s”). That is"
            " refused, so that nobody can be sent astray. Register by hand if it is meant.",
            host=host,
            part=part,
        ),
    )


def refused(host: str, status: int, code: str) -> Problem:
    """Say that the LMS did not take us in; ``code`` is its own word for why, often empty."""
    said = _("%(host)s refused (status %(status)s).", host=host, status=status)
    if code:
        said = _(
            "%(host)s refused (status %(status)s): “%(code)s”.",
            host=host,
            status=status,
            code=code,
        )
    return Problem(
        502,
        "registration-refused",
        _("Your learning platform did not take the registration"),
        said
        + " "
        + _(
            "Each start of a registration can be used once, for about an hour. Start it again in"
            " your learning platform."
        ),
    )


def taken() -> Problem:
    return Problem(
        409,
        "registration-taken",
        _("This platform is registered for another institution"),
        _(
            "The activation code is meant for a different one. Ask the people who run Foyer for"
            " the right code."
        ),
    )


def client_known() -> Problem:
    return Problem(
        409,
        "registration-client-known",
        _("Another platform is registered with the same client id"),
        _(
            "Your platform gave Foyer the client id that another one gave it before. That is"
            " refused, so that neither can pass for the other. If it is meant, ask the people who"
            " run Foyer to register your platform by hand."
        ),
    )


def changed() -> Problem:
    return Problem(
        409,
        "registration-changed",
        _("This platform is registered already, with other addresses"),
        _(
            "Addresses are changed only with an activation code. Ask the people who run Foyer for"
            " one, then start the registration in your learning platform again."
        ),
    )


def switched_off() -> Problem:
    return Problem(
        403,
        "registration-off",
        _("This platform was switched off"),
        _("Nothing was changed. Ask the people who run Foyer to switch it on again."),
    )


def meanwhile() -> Problem:
    return Problem(
        409,
        "registration-meanwhile",
        _("This platform was being registered twice at the same time"),
        _("Start the registration in your learning platform again."),
    )


def awaiting_approval() -> Problem:
    """Say, for launches, that the LMS awaits approval."""
    return Problem(
        403,
        "awaiting-approval",
        _("Foyer is not switched on for your platform yet"),
        _(
            "Your platform is registered, and the people who run Foyer have still to approve it."
            " Nothing is wrong; come back when your administrator says that it is done."
        ),
    )
