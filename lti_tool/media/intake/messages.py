"""What people read when a file is refused, and what they can do about it."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from lti_tool.media.formats import Reason, Refused

SENTENCES: dict[Reason, LazyString] = {
    Reason.EMPTY: _("The file is empty. Check it on your computer and choose it again."),
    Reason.TOO_LARGE: _("The file is too large for this site."),
    Reason.PLAYLIST: _(
        "This is a playlist: it only lists other files. Choose the video or audio file itself."
    ),
    Reason.SVG: _("SVG drawings can contain programs, so they are not accepted. Save it as PNG."),
    Reason.WEB_PAGE: _("This is a web page, not a media file. Save it as PDF and choose that."),
    Reason.PROGRAM: _("This is a program, not a media file."),
    Reason.ARCHIVE: _("This is an archive. Unpack it and choose the files one by one."),
    Reason.OFFICE: _("Office files cannot be shown yet. Save it as PDF and choose that."),
    Reason.UNKNOWN: _("This kind of file cannot be shown here."),
    Reason.UNSUPPORTED: _("Files of this kind cannot be shown in a browser."),
    Reason.WRONG_ENDING: _(
        "The file's name does not match its content. Give it the right extension."
    ),
    Reason.TRUNCATED: _("The end of the file is missing. Copy or export it again and retry."),
    Reason.BROKEN: _("The file is damaged and cannot be read. Export it again and retry."),
    Reason.ENCRYPTED: _("The document is locked by a password. Save it without one and retry."),
    Reason.NOTHING_INSIDE: _("There is no picture, sound or pages in this file."),
    Reason.NOT_PLAYABLE: _(
        "Browsers cannot play this video or audio as it is. Export it as MP4 with H.264 and AAC."
    ),
    Reason.TOO_MANY_PIXELS: _("The picture is too large. Make it smaller and retry."),
    Reason.TOO_MANY_PAGES: _("The document has too many pages. Split it and retry."),
    Reason.TOO_HARD: _("Reading this file took too long. Export it again in a simpler form."),
    Reason.CAPTIONS_INVALID: _("The captions are not a valid WebVTT file."),
    Reason.CAPTIONS_NOT_HERE: _("Captions go with a video or an audio file."),
}


def sentence(refusal: Refused) -> str:
    """Put the reason in the reader's language, with what was found where that helps."""
    text = str(SENTENCES[refusal.reason])
    return f"{text} ({refusal.found})" if refusal.found else text
