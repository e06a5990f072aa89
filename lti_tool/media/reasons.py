"""What people read when a file is refused, and what they can do about it."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from lti_tool.media.formats import Reason, Refused

SENTENCES: dict[Reason, LazyString] = {
    Reason.EMPTY: _("The file is empty. Check it on your computer and choose it again."),
    Reason.TOO_LARGE: _("The file is larger than this site takes."),
    Reason.PLAYLIST: _(
        "This is a playlist: it only names other files. Choose the film or sound itself."
    ),
    Reason.SVG: _("SVG drawings can carry programs, so they are not taken. Save it as PNG."),
    Reason.WEB_PAGE: _("This is a web page, not a media file. Save it as PDF and choose that."),
    Reason.PROGRAM: _("This is a program, not a media file."),
    Reason.ARCHIVE: _("This is an archive. Unpack it and choose the files one by one."),
    Reason.OFFICE: _("Office files cannot be shown yet. Save it as PDF and choose that."),
    Reason.UNKNOWN: _("This file is of no kind that can be shown here."),
    Reason.UNSUPPORTED: _("Files of this kind cannot be shown in a browser."),
    Reason.WRONG_ENDING: _("The file's name does not fit what is in it. Give it its right ending."),
    Reason.TRUNCATED: _("The file's end is missing. Copy or export it again and retry."),
    Reason.BROKEN: _("The file is damaged and cannot be read. Export it again and retry."),
    Reason.ENCRYPTED: _("The document is locked by a password. Save it without one and retry."),
    Reason.NOTHING_INSIDE: _("There is neither picture, sound nor page in this file."),
    Reason.NOT_PLAYABLE: _(
        "Browsers do not play this film or sound as it is. Export it as MP4 with H.264 and AAC."
    ),
    Reason.TOO_MANY_PIXELS: _("The picture is too large. Make it smaller and retry."),
    Reason.TOO_MANY_PAGES: _("The document has too many pages. Split it and retry."),
    Reason.TOO_HARD: _("Reading this file took too long. Export it again in a simpler form."),
    Reason.CAPTIONS_INVALID: _("The captions are not a valid WebVTT file."),
    Reason.CAPTIONS_NOT_HERE: _("Captions belong to a film or a sound."),
}


def sentence(refusal: Refused) -> str:
    """The reason in the reader's language, with what was found where that helps."""
    text = str(SENTENCES[refusal.reason])
    return f"{text} ({refusal.found})" if refusal.found else text
